package cli

const reviewTopic = `
Five minutes with a plan, without any access to the tenant. Ask for plan.json, or
for the page that plan --html writes; authseed show plan.json, with --output html
or markdown, shows the same.

1. Is it the plan you were asked about? Tenant, source file with its digest,
   mapping, how long it is valid. The digest is over all of the plan; apply
   refuses a plan that was edited, has expired or is for another tenant.
2. How much is it? People in scope, changes by method, coverage before and after.
   A number that does not fit the occasion is the first sign of a wrong file.
   authseed diff OLD NEW tells what is new since the last one.
3. What could nobody check? "unchecked" names it: a plan that could not ask who is
   an administrator does not know that none is among the people. The lines
   "check" say why, and which permission would let it. "pilot" and "from" say
   whom the plan was restricted to, and whether it was made from the directory.
4. What is dangerous? Every hazard comes first, with its people. Held back means
   not applied; allowed means that whoever made the plan asked for it by name.
   replaces-registered and removes-method change what people rely on today,
   shared-number lets one person reset another's password.
5. Take three changes and follow the line of the file behind each: is it the right
   person, the right number, the right country? A national number says by what its
   country was known.
6. What was left out, and why? A whole department under no-match is a wrong key.

If it is right, sign it: authseed help approval. What was applied, and what became
of each change, is authseed show RUN afterwards.`
