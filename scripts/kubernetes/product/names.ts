/** Of the product in every cluster; the namespaces of functions are in `knative/base/namespaces.yaml`. */
export const dataNamespace = 'data'
export const messagingNamespace = 'messaging'
export const functionNamespaces = ['auth', 'events', 'jobs', 'users', 'waste'] as const

export const brokerUrl = 'http://growbin-broker-ingress.messaging.svc.cluster.local'
export const bucket = 'growbin'
export const region = 'ap-northeast-2'

/** Ports of this machine, at its address in the network of the node. */
export const ports = {
  gateway: 8080,
  objectStore: 9090,
  model: 9091,
  maps: 9092,
  kakao: 9093,
  naver: 9094,
  google: 9095,
} as const
