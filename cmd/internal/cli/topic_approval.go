package cli

const approvalTopic = `
A saved plan can be approved by people who have no access to the tenant, with the
SSH keys they have already. Who makes the plan says so, in it:

  authseed plan -o plan.json --requester alice@example.com hr.csv

Who reviews it looks at it and signs the file:

  authseed show plan.json
  authseed approve plan.json --key ~/.ssh/id_ed25519

or, without authseed, with the OpenSSH of every system:

  ssh-keygen -Y sign -n authseed -f ~/.ssh/id_ed25519 plan.json

What is signed is the file, byte for byte: not even a space may change afterwards.
The signature lies beside the plan. ssh-keygen calls it plan.json.sig; authseed
plan.json.ID.sig, where ID belongs to the key, so that two people do not overwrite
each other. Every plan.json.*.sig is found, so a second person without authseed
writes

  ssh-keygen -Y sign -n authseed -f KEY < plan.json > plan.json.bob.sig

--key agent signs through ssh-agent, security keys included; where it holds several
keys, --key agent:SHA256:... or --key agent:COMMENT chooses.

Who applies it demands approval, before anything is asked of the tenant:

  authseed apply plan.json --approved-by allowed_signers --approvals 2
  authseed verify-approval plan.json --approved-by allowed_signers --approvals 2

allowed_signers is OpenSSH's file (ssh-keygen(1), ALLOWED SIGNERS), a key a line:

  # who may approve
  bob@example.com namespaces="authseed" ssh-ed25519 AAAA...
  carol@example.com valid-before="20270101Z" ssh-ed25519 AAAA...

A line that cannot be read is an error. Principals are names, not patterns;
certificates are not supported. Times without a Z are local. A key has to be valid
when the plan is applied, not only when it was signed.

What a signature is worth:

  valid            counts
  repeated         of a person or a key that is counted already
  requester        of the one who made the plan
  not-allowed      its key is not in allowed_signers
  expired          after the key's valid-before
  not-yet-valid    before the key's valid-after
  other-namespace  made for something else, or its key is allowed for something else
  other-file       of another file, or the plan or the signature was changed
  unreadable       no SSH signature

Letter case does not count in a name, and alice is alice@example.com. Two names
with one key are one person, and so are two keys with one name.

The requester is a claim, but one inside the signed file: a reviewer sees it before
signing. A plan without one is not approved by anybody. AUTHSEED_APPROVED_BY on the
machine that applies makes apply refuse whatever is not approved. What approved a
run is kept beside the run's plan. A nightly job can demand approvals too: authseed
help nightly.

To verify without authseed:

  ssh-keygen -Y verify -n authseed -f allowed_signers -I bob@example.com \
    -s plan.json.sig < plan.json`
