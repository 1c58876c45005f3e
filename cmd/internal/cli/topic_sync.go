package cli

const syncTopic = `
authseed sync --config FILE runs with nobody there: it asks nothing, and its exit
status is that of the worst tenant. The configuration is YAML and strict; names of
files in it begin at its own folder. --check looks at it and at all it names,
--schema prints its JSON Schema, samples/nightly has one to begin with.

  version: 1
  parallel: 4              tenants at once
  defaults: {...}          what a tenant gets that does not say otherwise
  tenants:
    - name: contoso        names the job and its state
      tenant:
        id: ...            a sign-in to another tenant is refused
        cloud: global      usgov, dod, china
        auth: certificate  or default, managed-identity, workload-identity,
                           secret, token, cli
        client_id: ...
        certificate: FILE
        certificate_password: {env: NAME}    or {file: PATH}, as every secret:
        client_secret: {file: PATH}          none stands in this file
        access_token: {env: NAME}
        graph_url: URL, rate: N, concurrency: N
      source:              one of the first four
        file: PATH
        newest: PATTERN    the newest of the files, as in in/hr-*.csv
        url: https://...   fetched when its ETag is new
        directory: true    see plan --from directory
        authorization: {env: NAME}   with url: the header
        query: {env: NAME}           with url: what follows the question mark
        max_mib: 512                 with url
        max_age: 36h
      mapping: FILE        or preset: NAME
      scope: {group: NAME, filter: ODATA}
      allow: [HAZARD, HAZARD:FILE], include: [guest], never: FILE
      limits:
        max_changes: N, max_change_percent: 10, max_replace: N or P%, max_remove: N
        min_rows: 80%          N, or a share of the last good run's
        max_lost_percent: 20   values of one method that are gone
      reports: {folder: DIR, html: true}
      reads: auto, encrypt_to: [KEY], full_every: 7

A night. A run that was cut off is gone on with first. Then the export is read; if
it is that of the last good run, and nothing else that decides has changed, the
tenant is not asked and the night is over, but for every full_every-th run and
--full. Else it is planned and judged: rows, columns that are gone, usable values
that are gone, a file older than the last one, and the limits. Shares do not bite
under 10. What was planned is kept, and applied where nothing speaks against it.

A refused night writes nothing and exits with 4. Its folder has plan.json, with
clear values, plan.html if asked for, and run.json. Look at them; then either
  authseed sync --config FILE --only NAME --accept SHA256
lets that one file through, or authseed apply plan.json does it by hand. A file
that is the new normal has to be accepted once: the next nights are compared with
it. So has the first file of a tenant, which changes nearly everybody.

State is under sync/NAME in --state-dir: a lock, which the system gives back when
a process dies, and memory.json, which has no value of a person. Without it a
night is held against the limits alone.`
