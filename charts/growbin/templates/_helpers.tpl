{{- define "growbin.labels" -}}
app.kubernetes.io/part-of: growbin
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The image of a component, with its version, from versions.json. */}}
{{- define "growbin.image" -}}
{{- $component := get (.root.Files.Get "versions.json" | fromJson) .name -}}
{{- replace "{version}" (required (printf "versions.json has no version of %s" .name) $component.version) $component.source -}}
{{- end }}

{{/* Required affinity to the nodes whose label "workload" has one of the values. */}}
{{- define "growbin.nodeAffinity" -}}
nodeAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    nodeSelectorTerms:
      - matchExpressions:
          - key: workload
            operator: In
            values: {{ toJson . }}
{{- end }}

{{- define "growbin.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
