/** Commands run one after the other on an empty database; words are separated by blanks, `_` is the empty string. */
export type ConformanceScript = { name: string; commands: readonly string[] }

const commands = (...lines: string[]) => lines.flatMap((line) => line.split(' | '))

/** Commands for both this server and a real Redis; their answers must be equal. */
export const CONFORMANCE_SCRIPTS: readonly ConformanceScript[] = [
  {
    name: 'strings',
    commands: commands(
      'GET a | SET a 1 | GET a | SET a 2 NX | SET b 1 NX | GET b | SET a 1 EX | SET a 1 EX 0 | SET a 1 PX -5 | SET a 1 EX x',
      'SET a 1 EX 5 PX 5 | SET a 1 EX 9223372036854775807 | SET a 1 BOGUS | SET a | GET | GET a b | SET a v EX 100 | TTL a',
      'SET a w | TTL a | SET a v PX 100000 | TTL a | SET c x EX 100 NX | TTL c | SET c y EX 200 NX | TTL c | GET c',
      'SET x 1 | MGET x y c | MGET | SET empty _ | GET empty',
    ),
  },
  {
    name: 'counters',
    commands: commands(
      'INCR n | INCR n | GET n | SET n 9223372036854775807 | INCR n | SET n -9223372036854775808 | INCR n | SET n abc | INCR n',
      'SET n 10 EX 100 | INCR n | TTL n | INCR | SET n 1.0 | INCR n | SET n _ | INCR n | SET n +1 | INCR n | SET n -0 | INCR n',
    ),
  },
  {
    name: 'wrong types',
    commands: commands(
      'SET s v | SADD u m | TYPE s | TYPE u | TYPE none | GET u | SADD s m | SREM s m | SMEMBERS s | INCR u | MGET s u',
      'SUNION u s | SET u v | TYPE u',
    ),
  },
  {
    name: 'keys and expiry',
    commands: commands(
      'SET a 1 | SET b 2 | SET c 3 | EXISTS a b zz a | DEL a zz | DEL | EXPIRE c 100 | TTL c | TTL zz | PTTL zz | TTL b | PTTL b',
      'EXPIRE zz 100 | EXPIRE c 200 NX | TTL c | EXPIRE b 200 NX | TTL b | PEXPIRE c 300000 | TTL c | PEXPIRE c 1000 NX | TTL c',
      'EXPIRE c 10 BOGUS | EXPIRE c x | EXPIRE c 9223372036854775807 | EXPIRE c | EXPIRE c -1 | EXISTS c | SET c 1 | PEXPIRE c 0 | GET c',
      'FLUSHDB | SET key1 1 | SET key2 2 | SET kay 3 | SET k[x 4 | KEYS key? | KEYS k[ae]y* | KEYS k[^e]y | KEYS k\\[x | KEYS nope*',
      'KEYS [k-l]ey[1-1] | SCAN 0 COUNT 1000 | SCAN 0 MATCH key* COUNT 1000 | SCAN x | SCAN 0 COUNT 0 | SCAN 0 COUNT | SCAN 0 BOGUS 1',
      'FLUSHDB BOGUS | FLUSHDB | SCAN 0 | KEYS * | FLUSHALL',
    ),
  },
  {
    name: 'sets',
    commands: commands(
      'SADD s a b c | SADD s a d | SADD s | SMEMBERS s | SMEMBERS none | SADD t c d e | SUNION s t | SUNION s none | SUNION',
      'SREM s a zz | SREM s b c d | EXISTS s | SREM s a',
    ),
  },
  {
    name: 'transactions',
    commands: commands(
      'EXEC | MULTI | MULTI | SET a 1 | INCR a | SADD a x | GET a | SMEMBERS none | EXEC | GET a | MULTI | SET b 1 | BOGUS | EXEC',
      'GET b | MULTI | GET | EXEC | MULTI | EXEC | MULTI | EXEC x | EXEC | MULTI | PING | EXEC',
    ),
  },
  {
    name: 'connection and server',
    commands: commands(
      'PING | PING hello | PING a b | BOGUS | bogus a b | SELECT 16 | SELECT x | SELECT -1 | HELLO 4 | HELLO x | CLIENT SETNAME worker',
      'CLIENT BOGUS | CLIENT | CLIENT SETNAME | PUBLISH nobody hi | PUBSUB CHANNELS | PUBSUB BOGUS | INFO bogus | QUIT x',
    ),
  },
]
