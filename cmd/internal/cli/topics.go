package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"authseed/importer/plan"
	"authseed/mapping/authmethod"
	"authseed/mapping/preset"
)

// topics are the help pages that belong to no command.
func topics() []*cobra.Command {
	topic := func(name, short, long string) *cobra.Command {
		return &cobra.Command{Use: name, Short: short, Long: strings.TrimSpace(long)}
	}
	return []*cobra.Command{
		topic("mapping", "Help: the mapping file, presets, and with --schema its JSON Schema", mappingTopic()),
		topic("auth", "Help: signing in and least privilege", authTopic),
		topic("exit-codes", "Help: exit statuses", exitTopic),
		topic("hazards", "Help: what is held back and what is left out", hazardsTopic()),
		topic("limits", "Help: what refuses a whole plan", limitsTopic),
		topic("review", "Help: what to look for in a plan, in five minutes", reviewTopic),
		topic("approval", "Help: approving a plan, with or without authseed", approvalTopic),
		topic("nightly", "Help: the configuration of a nightly job, and what refuses a night", syncTopic),
		topic("environment", "Help: environment variables", environmentTopic),
	}
}

func hazardsTopic() string {
	var b strings.Builder
	b.WriteString(`A change with a hazard is held back: it stays in the plan, marked and counted, is
not applied, and leaves the exit status alone. --allow NAME, given when the plan
is made, applies such changes too and is part of the plan. --allow NAME:FILE allows
it for the people of FILE alone: a table with a column userPrincipalName or id, in
which every row has to name somebody of the plan. --allow may be given many times.

Hazards:
`)
	for _, m := range plan.Hazards() {
		fmt.Fprintf(&b, "  %s\n      %s\n", m.Hazard, m.Meaning)
	}
	b.WriteString("\nNotes hold nothing back:\n")
	for _, m := range plan.Notes() {
		fmt.Fprintf(&b, "  %s\n      %s\n", m.Note, m.Meaning)
	}
	b.WriteString(`
Some of this only the tenant's roles, policies and domains tell. A plan lists as
unchecked what nobody could look at, with the permission that would let it: that is
not a "no".

What is left out, a row or one method of it, carries one of these reasons. Those
with a star count as unusable for check and --strict. --include NAME plans guest,
disabled or privileged people too; nothing plans those of --never FILE, which is a
list of names or ids, one a line, or a table with a column userPrincipalName or id.
`)
	for _, m := range authmethod.Reasons() {
		star := " "
		if m.Reason.Unusable() {
			star = "*"
		}
		fmt.Fprintf(&b, "%s %s\n      %s\n", star, m.Reason, m.Meaning)
	}
	return b.String()
}

func mappingTopic() string {
	var b strings.Builder
	b.WriteString(mappingText + "\n\nPresets, for --preset NAME:\n\n")
	for _, p := range preset.All() {
		fmt.Fprintf(&b, "  %-20s %s\n", p.Name, p.Title)
	}
	return b.String()
}

const mappingText = `
A file with authseed's own columns, in any order, needs no mapping:

  userPrincipalName,mobile,alternateMobile,office,email,country,department

userPrincipalName and at least one method are required. country says how national
numbers are read; without it numbers begin with +; department is for the reviewer
alone. A failed.csv, which a run leaves
beside its journal, has these columns and two more, reason and request_id, that are
not read. A plan as CSV (plan --output csv --reveal) has more of them behind, and can
be planned again too; masked values are refused.

The export of a known system needs none either: where the header says for certain
which one it is, its preset is used and named. authseed inspect FILE says what a
file is, and --write-mapping saves the mapping it would use, to look at and to
change. A mapping is YAML; every key it does not know is an error.

  version: 1
  name: Contoso, Workday report
  source:                     # all optional; what is left out is found out
    format: auto              # csv, xlsx, json, jsonl or hdl; gzip of any
    encoding: auto            # utf-8, utf-16le, utf-16be, windows-1250, -1251,
                              # -1252, shift-jis, euc-kr, gb18030
    delimiter: auto           # , ; | or tab
    quote: auto               # double or single
    header_row: auto          # or the number of the line
    header_rows: auto         # 2 where a second row of labels follows
    sheet: Workers            # of a workbook
  match:                      # the first key with a value decides; one person or nobody
    - {attribute: employeeId, column: Employee ID}
    - {attribute: userPrincipalName, column: Login, domain: contoso.com}
  where:                      # rows that count; all conditions have to hold
    - {column: Status, in: [Active, On Leave]}
  country: {column: Country, from: usageLocation, default: DE}
                              # how a national number is read: by the row, then by
                              # the person's usageLocation, then by the default
  department: {column: Dept}  # lets the reviewer look at one department at a time
  methods:
    mobile: {columns: [Personal Mobile, Home Phone]}   # the first usable one
    alternateMobile: {columns: [Second Mobile], separator: ";"}
                              # several numbers in one cell
    office: {columns: [Work Phone], extension: Work Ext}
    email:  {columns: [Personal Email]}
  policy: {mobile: fill, office: fill, email: replace}
  examples:                   # run before any row
    - row: {Employee ID: "0042", Country: DE, Personal Mobile: 0171 3920012}
      want: {mobile: +49 1713920012}

One row a phone, and a number split over columns, as Oracle exports them:

    mobile:
      columns: [PhoneNumber]
      country_code: CountryCodeNumber
      area_code: AreaCode
      when: {column: PhoneType, in: [HM]}

A column that the header has more than once is called Name#1, Name#2 and so on.
The keys of a JSON file are called by their path: phones.0.number.

attribute is one of id, userPrincipalName, mail, proxyAddresses, employeeId,
onPremisesSamAccountName, onPremisesImmutableId, onPremisesUserPrincipalName.
proxyAddresses is any mail address of a person, primary or alias, with or without
smtp: before it. Letter case counts in onPremisesImmutableId only. An employeeId
of digits that nobody has finds who has it with more or fewer leading zeros, if
that is one person and the file has no other such id. domain is put behind a value
without an @.

policy: fill writes only where nothing is registered and is the default. replace
also changes what differs; such changes are held back until --allow
replaces-registered. own changes what differs only where authseed itself wrote what
is registered and nobody has changed it since; it needs no --allow for that. An
empty cell never removes anything; a cell <clear> does, with --allow
removes-method.

What authseed wrote stands in its ledger, beside the runs or in the database of
AUTHSEED_STATE, as keyed hashes. Without it policy own is fill, and plan says so;
what was there before a rollback or a lost ledger is never own again.

want names what an example becomes: a value, "<clear>", null for nothing, or the
reason it is left out for, such as invalid-phone.

authseed help mapping --schema prints the JSON Schema of all of this.`

const authTopic = `
--auth says how to sign in; all but token are Microsoft's azidentity:

  default            what azidentity finds: environment, workload, managed
                     identity, Azure CLI
  cli                the Azure CLI's sign-in
  managed-identity   of the Azure machine; AZURE_CLIENT_ID for a user-assigned one
  workload-identity  AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE
  certificate        AZURE_TENANT_ID, AZURE_CLIENT_ID,
                     AZURE_CLIENT_CERTIFICATE_PATH (and _PASSWORD)
  secret             AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET
  device-code        a code to type on another machine
  browser            the system's browser
  token              a ready token in AUTHSEED_ACCESS_TOKEN

No secret is ever a flag. --cloud is global, usgov, dod or china.

Application permissions, least first:

  UserAuthMethod-Phone.ReadWrite.All  6e85d483-7092-4375-babe-0a94a8213a58
  UserAuthMethod-Email.ReadWrite.All  e8ecb853-1435-4a49-95ba-ec5b31b11672
  User.Read.All                       df021288-bdef-4463-88db-98f22de89214

To know the tenant first, all of them to read (authseed doctor tells what is held
and missing, and --setup prints the lines that make such an app):

  AuditLog.Read.All                   b0afded3-3588-46d8-8b3d-9842eff778da
  RoleManagement.Read.Directory       483bed4a-2ad3-4361-a73b-c83ccdbdc53c
  GroupMember.Read.All                98830695-27a2-44f7-8c18-0c3ebc9698f6
  Policy.Read.AuthenticationMethod    8e3bc81b-d2f3-4b7b-838c-32c88218d2f0

To plan only, without any right to write:

  UserAuthMethod-Phone.Read.All       f529a223-ea70-43ec-b268-5012de2fbaa2
  UserAuthMethod-Email.Read.All       a1e58be0-1095-422b-b067-73434bd7d40f
  User.Read.All                       df021288-bdef-4463-88db-98f22de89214

User.ReadBasic.All (97235f07-e226-4f63-ace3-39588e11d3a1) is enough instead of
User.Read.All when people are matched by userPrincipalName, id or mail, and not by
proxyAddresses or another attribute; guests are then known by their name only, and
disabled accounts not at all.

An app that can write these methods can take over any account, administrators'
included: keep its credential as one of the highest tier. A person signing in
needs Privileged Authentication Administrator to plan and apply; Authentication
Administrator is shown masked numbers, which cannot be compared.`

const exitTopic = `
  0    done, or nothing to do
  1    failed, and nothing more was done
  2    plan --detailed-exitcode: changes are pending; diff --detailed-exitcode: the
       plans differ
  3    finished, but some users failed or were left open; check and --strict: some
       rows are not usable; runs prune: some could not be removed
  4    refused by a guard rail (authseed help limits), by a missing approval, by
       another file or mapping than the saved plan's, or a stale plan
  5    not signed in, or a permission is missing
  64   wrong usage
  130  interrupted; authseed resume goes on

Rows that are left out and changes that are held back are reported and leave it
at 0, unless --strict. The view (--output) never changes the status.`

const limitsTopic = `
A plan that passes a limit is refused whole, with every limit that it passes and
exit status 4. plan shows it first, and does not save it; apply refuses before it
asks. Held-back changes do not count: they are not written.

  --max-changes N           pending changes
  --max-change-percent P    people with a pending change, of those in scope; 100
                            unless it is given
  --max-replace N or P%     people who get another value for a registered one
  --max-remove N            removals
  --min-rows N              rows of the file: fewer are an export that was cut off

In scope is whom the file names and the tenant knows, who is not left out, and for
whom the file has a usable value. Percentages do not bite while fewer than 10
people are in scope.

Limits that were given are part of the plan and of its digest. apply plan.json with
limits holds the saved plan against those as well, and rollback takes all but
--min-rows.

apply plan.json --mapping m.yaml --source hr.csv refuses the plan, with status 4
too, if it was made from another file or with another mapping.`

const environmentTopic = `
Every flag has an environment variable, AUTHSEED_ and the flag's name in capitals
with _ for -: AUTHSEED_MAPPING, AUTHSEED_GRAPH_URL, AUTHSEED_NO_INPUT. A flag on
the command line goes before its variable.

  AUTHSEED_ACCESS_TOKEN   the token of --auth token
  AUTHSEED_IDENTITY       the file with the private key that opens what --encrypt-to
                          encrypted: AGE-SECRET-KEY lines, or an OpenSSH key without
                          passphrase
  AUTHSEED_STATE          postgres://user@host/database: keep the ledger of policy own
                          there, and of sync the lock and what it remembers of the
                          last good night, for jobs that move between hosts. Tables
                          are made in the first schema of the search path. No pooler
                          that shares sessions between connections: locks are a
                          session's
  AUTHSEED_STATE_KEY      the ledger's key, 32 bytes in base64 (openssl rand -base64
                          32); needed with AUTHSEED_STATE and the same on all hosts.
                          Who has it and the database can try out numbers
  AUTHSEED_NOTIFY_URL     where runs are told of, as --notify, for an address that is a
                          secret
  OTEL_EXPORTER_OTLP_ENDPOINT and the like   where traces and metrics go, over
                          http/protobuf; nothing goes anywhere without
  AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET,
  AZURE_CLIENT_CERTIFICATE_PATH, AZURE_CLIENT_CERTIFICATE_PASSWORD,
  AZURE_FEDERATED_TOKEN_FILE, AZURE_AUTHORITY_HOST   as everywhere with Azure
  HTTPS_PROXY, NO_PROXY   as everywhere
  NO_COLOR                no colours
  PAGER                   what shows a text longer than the screen (less -FRX); empty
                          or cat for none, like AUTHSEED_NO_PAGER=1
  XDG_STATE_HOME          where journals are kept, below authseed (Linux)`
