package cli

const syncTopic = `
authseed sync --config FILE runs with nobody there: it asks nothing, and its exit
status is that of the worst tenant. The configuration is YAML and strict; names of
files in it begin at its own folder. --check looks at it and at all it names, and
says what would be run, with --output json for programs; --schema prints its JSON
Schema, samples/nightly has one to begin with.

  version: 1
  parallel: 4              tenants at once; see below
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
      policy: {mobile: own, email: fill}   fill, replace or own, in place of the
                           mapping's; also alternateMobile: and office:. What
                           replace changes needs allow: [replaces-registered]
      scope: {group: NAME, filter: ODATA}
      allow: [HAZARD, HAZARD:FILE], include: [guest], never: FILE
      limits:
        max_changes: N, max_change_percent: 10, max_replace: N or P%, max_remove: N
        min_rows: 80%          N, or a share of the last good run's
        max_lost_percent: 20   values of one method that are gone
        max_unmatched_percent: 50   rows that name nobody of the tenant
      strict: true         rows that are not usable make the exit status 3
      approvals:
        signers: FILE      allowed_signers; authseed help approval
        required: 1        people who have to sign; 0 for nobody
        over: 50           so many changes need nobody; 0 if it is not said
        requester: NAME    who answers for the export, and so cannot sign
      notifications:
        url: {env: NAME}   where the address is kept: it may be a secret
        format: json       or teams
        on: [refusal, failure]       and success
        metrics_file: FILE for node_exporter; tenants that name one file share it
      reports: {folder: DIR, html: true}
      reads: auto, encrypt_to: [KEY], full_every: 7

A night. A run that was cut off is gone on with first. Then the export is read; if
it is that of the last good run, and nothing else that decides has changed, the
tenant is not asked and the night is over. Of another file those rows are asked
about that are not as they were, or whose person has joined, left or changed in
the directory since; what people have registered is not looked at for the others.
Every full_every-th run, --full, and the run after one that was cut off ask about
everybody; so does a job with allow: [HAZARD:FILE]. Then the plan is judged: rows,
columns that are gone, usable values that are gone or of which there is none, rows
that name nobody, a file older than the last one, and the limits. Shares do not
bite under 10. What was planned is kept, and applied where nothing speaks against
it.

A refused night writes nothing and exits with 4. Its folder has plan.json, with
clear values, plan.html if asked for, and run.json. Look at them; then either
  authseed sync --config FILE --only NAME --accept SHA256
lets that one file through, or authseed apply plan.json does it by hand. A file
that is the new normal has to be accepted once: the next nights are compared with
it. So has the first file of a tenant, which changes nearly everybody.

Tenants at once. Each tenant has its own budget at the service, which is what
takes the time: 50 with parallel: 50 take about as long as the slowest of them. What
more of them take is memory: 50 of 2,000 people some 200 MB. 4 is for tenants of any
size.

SIGTERM. A night ends within ten seconds, whatever hangs: nothing new is written,
what is under way has three seconds to be answered, and the next night goes on.
Monitoring and webhooks are told for a minute at most, then for two seconds.

A ledger or database that goes away during a night is said, and not waited for: the
next night tells the ledger what it has missed. One that is away at the beginning or
before the first write stops the night, because another host may be at work.

Approvals. A plan with more changes than over, or with one that replaces or
removes something, is refused until enough people of signers have signed it:
  authseed approve plan.json --key FILE
for the plan.json of a refused night. Who signs may do so with a copy, and have
the signature put beside plan.json, where the job finds it. The next night, or sync
run once more, makes it true, if the plan is still valid: 72 hours. Limits and
guard rails are held against tonight's export as ever; --accept lifts those and no
approval, and a signature lifts approvals and no guard rail.

A signature is used once. That a plan was approved is forgotten on disk before its
first write, and a plan that was applied by hand is spent. Nor does it stand against
a newer export or what people did since: of the plan that was signed, only what
tonight's own plan says too is written (same person, method, action, values,
hazards and notes); the rest is journalled as stale, and the exit status is 3. So
the run holds the bytes that were signed, and verify-approval shows by whom. What is
left of tonight's plan is planned again, and needs signatures of its own where it is
more than over. Of several plans that wait, the newest that is signed is used, and
the others are void. Who made the plan is sync:NAME of the job, or requester. With
encrypt_to the job needs AUTHSEED_IDENTITY, to read the plan again.

Notifications. Each tenant's address hears of its own nights alone. --notify,
--notify-file, AUTHSEED_NOTIFY_URL, --notify-on, --notify-format and --metrics-file
go before these keys, for all tenants. With --sandbox nobody is told by them.

State is under sync/NAME in --state-dir: a lock, which the system gives back when
a process dies, memory.json, which has no value of a person, and settled, keyed
hashes of the rows that needed nothing. Without memory.json a night is held
against the limits alone; without settled it asks about everybody. With
AUTHSEED_STATE, memory and lock are in the database, for jobs that move between
hosts; what is settled, and a run that was cut off, stay where they were. Plan and
report of a night are in nights, unless reports.folder says where; authseed runs
prune --keep 90d, from time to time or by a scheduler too, removes old ones and
old runs.`
