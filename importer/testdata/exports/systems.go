package main

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

func hr() []export {
	employeeRow := func(p *person) string { return "E" + p.objectID()[:6] }
	return []export{
		{system: "workday", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\r\n",
			above: []string{"Contoso - Worker Contact Details", `Effective as of 2026-11-02,"Organization: Contoso, all"`},
			columns: columns("Worker", (*person).name, "Employee ID", id, "Worker Type", "Employee", "Worker Status", word("Active", "On Leave", "Terminated"),
				"Legal Name - First Name", first, "Legal Name - Last Name", last, "Email - Primary Work", (*person).upn, "Email - Primary Home", email,
				"Phone - Primary\r\nMobile", mobile, "Phone - Primary Home", home, "Phone - Primary Work", office, "Work Ext", extension,
				"Primary Home Address -\r\nCountry", (*person).countryEN, "Worker Physical Location", city, "Hire Date", date("yyyy-mm-dd"),
				"Termination Date", left("yyyy-mm-dd", ""), "Total Base Pay Annualized - Amount", (*person).salary),
			preset: "workday", odd: "two title rows; line breaks in two header cells"},
		{system: "successfactors", file: "export.csv", encoding: "utf-8 (BOM)", delimiter: ",", quote: `"`, eol: "\r\n",
			labels: strings.Split("STATUS,USERID,Username,First Name,Last Name,Middle Name,Gender,Email,Manager,Human Resource,Department,Job Code,Division,Location,Time Zone,Hire Date,Employee Id,Title,Business Phone,Country,Mobile,Private e-mail,Annual Salary", ","),
			columns: columns("STATUS", word("Active", "Inactive", "Inactive"), "USERID", employeeRow, "USERNAME", (*person).sam, "FIRSTNAME", first, "LASTNAME", last,
				"MI", "", "GENDER", "", "EMAIL", (*person).upn, "MANAGER", "NO_MGR", "HR", "NO_HR", "DEPARTMENT", "Sales", "JOBCODE", "SAL-2", "DIVISION", "Contoso",
				"LOCATION", city, "TIMEZONE", "GMT", "HIREDATE", date("mm/dd/yyyy"), "EMPID", id, "TITLE", "Specialist", "BIZ_PHONE", office, "COUNTRY", (*person).countryEN,
				"CELL_PHONE", mobile, "CUSTOM01", email, "CUSTOM02", (*person).salary),
			preset: "successfactors", odd: "a second header row with labels; who is on leave is Inactive; private addresses in CUSTOM01, unmapped"},
		{system: "bamboohr", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, all: true, eol: "\n",
			columns: columns("id", func(p *person) string { return fmt.Sprint(200 + p.n) }, "employeeNumber", id, "firstName", first, "lastName", last, "displayName", (*person).name,
				"jobTitle", "Specialist", "department", "Research, Development", "supervisorEId", "201", "country", (*person).countryEN, "location", city,
				"workEmail", (*person).upn, "homeEmail", email, "bestEmail", (*person).upn, "mobilePhone", mobile, "homePhone", home, "workPhone", office, "workPhoneExtension", extension,
				"status", word("Active", "Active", "Inactive"), "payRate", func(p *person) string { return p.salary() + " USD" }, "hireDate", date("yyyy-mm-dd"),
				"terminationDate", left("yyyy-mm-dd", "0000-00-00")),
			preset: "bamboohr", odd: "every cell quoted; an id column that is no employee number"},
		{system: "adp", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("Legal Last Name", last, "Legal First Name", first, "Associate ID", id, "Position ID", func(p *person) string { return fmt.Sprintf("CTS%06d", p.n) },
				"Position Status", word("Active", "Leave", "Terminated"), "Work Contact: Work Email", (*person).upn, "Work Contact: Work Phone", office, "Work Contact: Work Mobile", "",
				"Personal Contact: Personal Email", email, "Personal Contact: Personal Mobile", mobile, "Personal Contact: Home Phone", home, "Primary Address: Country Code", iso,
				"Home Department Code", "004100", "Reports To Associate ID", "001001", "Hire Date", date("mm/dd/yyyy"), "Termination Date", left("mm/dd/yyyy", ""), "Annual Salary", (*person).salary),
			preset: "adp", odd: "colons in the names"},
		{system: "ukg", file: "export.csv", encoding: "utf-8", delimiter: ";", quote: "'", eol: "\n", columns: ukg(),
			preset: "ukg", odd: "41 columns, no status"},
		{system: "oracle-hcm", file: "Worker.dat", encoding: "utf-8", body: hdl,
			preset: "oracle-hcm", odd: "one row for each phone and address; phones in three columns; work mobile (WM) and home phone (H1) besides; nobody without a number"},
		{system: "orangehrm", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\n",
			columns: columns("first_name", first, "middle_name", "", "last_name", last, "employee_id", id, "other_id", "", "driver's_license_no", "", "license_expiry_date", "",
				"gender", "", "marital_status", "", "nationality", "", "date_of_birth", "", "address_street_1", "", "address_street_2", "", "city", city, "state/province", "",
				"zip/postal_code", "", "country", (*person).countryEN, "home_telephone", home, "mobile", mobile, "work_telephone", office, "work_email", (*person).upn, "other_email", email),
			preset: "orangehrm", odd: "an apostrophe in a name; no status"},
		{system: "personio-de", file: "export.csv", encoding: "windows-1252", delimiter: ";", quote: `"`, eol: "\r\n",
			columns: columns("Personalnummer", id, "Vorname", first, "Nachname", last, "E-Mail", (*person).upn, "Status", word("Aktiv", "Abwesend", "Inaktiv"), "Beschäftigungsart", "Intern",
				"Abteilung", "Vertrieb", "Büro", city, "Vorgesetzter", "Jörg Böttcher", "Einstellungsdatum", date("dd.mm.yyyy"), "Kündigungsdatum", left("dd.mm.yyyy", ""),
				"Land", nameOfCountry(language.German), "Mobil (privat)", mobile, "Telefon (geschäftlich)", office, "Private E-Mail", email,
				"Festgehalt", func(p *person) string { return strings.Replace(p.salary(), ".", ",", 1) + " €" }),
			preset: "personio-de", odd: "names of countries in German"},
	}
}

// ukg gives the 41 positions; after the documented ones their names are ours.
func ukg() []column {
	all := columns("organization_code", "CONTOSO", "registration_reference", id, "technical_id", id, "lastname", last, "firstname", first, "middle_name", "", "maiden_name", "",
		"birthdate", "", "address_1", func(p *person) string { return fmt.Sprintf("Example Street %d; 2nd floor", p.n) }, "address_2", "", "zip_code", "", "city", city,
		"country_code", iso, "professional_email", (*person).upn, "personal_email", email, "mobile_phone_number", mobile, "home_phone_number", home,
		"professional_phone_number", office, "starting_date", date("yyyy-mm-dd"), "departure_date", left("yyyy-mm-dd", ""), "salary", (*person).salary)
	for len(all) < 41 {
		all = append(all, columns(fmt.Sprintf("attribute_%d", len(all)+1), "")...)
	}
	return all
}

// hdl writes a file of HCM Data Loader.
func hdl(all []*person) string {
	var worker, names, phones, mails strings.Builder
	worker.WriteString("METADATA|Worker|SourceSystemOwner|SourceSystemId|EffectiveStartDate|EffectiveEndDate|PersonNumber|StartDate|ActionCode\n")
	names.WriteString("METADATA|PersonName|SourceSystemOwner|SourceSystemId|PersonNumber|EffectiveStartDate|EffectiveEndDate|LegislationCode|NameType|FirstName|LastName\n")
	phones.WriteString("METADATA|PersonPhone|SourceSystemOwner|SourceSystemId|PersonId(SourceSystemId)|PhoneType|DateFrom|DateTo|PersonNumber|LegislationCode|CountryCodeNumber|AreaCode|PhoneNumber|PrimaryFlag\n")
	mails.WriteString("METADATA|PersonEmail|SourceSystemOwner|SourceSystemId|PersonId(SourceSystemId)|EmailType|EmailAddress|DateFrom|DateTo|PersonNumber|PrimaryFlag\n")
	for _, p := range all {
		if p.id == "" {
			continue
		}
		from, key := p.date("yyyy/mm/dd"), "CONTOSO_"+p.id
		fmt.Fprintf(&worker, "MERGE|Worker|CONTOSO|%s|%s|4712/12/31|%s|%[2]s|HIRE\n", key, from, p.id)
		fmt.Fprintf(&names, "MERGE|PersonName|CONTOSO|%s_NAME|%s|%s|4712/12/31|%s|GLOBAL|%s|%s\n", key, p.id, from, p.country, p.first, p.last)
		phone := func(kind, typed, flag string) {
			if typed != "" {
				fmt.Fprintf(&phones, "MERGE|PersonPhone|CONTOSO|%s_%s|%[1]s|%[2]s|%s|4712/12/31|%s|%s|%s|%s\n", key, kind, from, p.id, p.country, p.parts(kind, typed), flag)
			}
		}
		phone("HM", p.mobile, "Y")
		phone("H1", p.home, "N")
		phone("W1", p.office, "N")
		if p.n%8 == 1 {
			phone("WM", p.mobile[:len(p.mobile)-1]+"9", "N")
		}
		mail := func(kind, address string) {
			if address != "" {
				fmt.Fprintf(&mails, "MERGE|PersonEmail|CONTOSO|%s_%s|%[1]s|%[2]s|%s|%s|4712/12/31|%s|N\n", key, kind, address, from, p.id)
			}
		}
		mail("W1", p.upn())
		mail("H1", p.email)
	}
	return "COMMENT Contoso, extract of 2026/11/02\n" + worker.String() + names.String() + phones.String() + mails.String()
}

// parts splits a number into country code, area code with its trunk zero, and
// the rest; a cell that is no number goes into the rest as it is.
func (p *person) parts(kind, typed string) string {
	s, plan := p.spaced(typed), plans[p.country]
	if s == "" {
		return plan.code + "||" + typed
	}
	_, national, _ := strings.Cut(s, " ")
	digits := plan.mobile
	if kind == "W1" || kind == "H1" {
		digits = plan.area
	}
	if digits == 0 {
		return plan.code + "||" + plan.trunk + national
	}
	area, rest := plan.trunk+national[:digits], national[digits:]
	return plan.code + "|" + area + "|" + rest[:3] + "-" + rest[3:]
}

func directories() []export {
	userNames := func(p *person) string { return strings.ReplaceAll(p.upn(), "@", "@ad.") }
	dn := func(p *person) string {
		return "CN=" + p.asciiName() + ",OU=" + p.country + ",DC=ad,DC=contoso,DC=example"
	}
	bit := word("True", "True", "False")
	international := func(p *person) string { return p.e164(p.mobile) }
	// What only recovery has is the part that is E.164; the console refuses the rest.
	recovery := func(p *person) string {
		if p.spaced(p.mobile) == "" || p.n%2 == 1 {
			return ""
		}
		return p.e164(p.mobile)
	}
	registered := func(n int, number string) func(*person) string {
		return func(p *person) string {
			if p.n == n {
				return number
			}
			return ""
		}
	}
	entra := func(idName, officeName, mobileName string, more ...any) []column {
		return slices.Concat(columns("userPrincipalName", (*person).upn, "displayName", (*person).name, "surname", last, "mail", (*person).upn, "givenName", first,
			idName, (*person).objectID, "userType", "Member", "jobTitle", "Specialist", "department", func(p *person) string {
				if p.n == 9 {
					return "Research, Development"
				}
				return "Sales"
			}, "accountEnabled", bit, "usageLocation", iso, "streetAddress", "", "state", "", "country", (*person).countryEN,
			officeName, city, "city", city, "postalCode", "", "telephoneNumber", office, mobileName, mobile), columns(more...))
	}
	return []export{
		{system: "google-workspace", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\n",
			columns: columns("First Name [Required]", first, "Last Name [Required]", last, "Email Address [Required]", (*person).upn, "Password [Required]", "****",
				"Password Hash Function [UPLOAD ONLY]", "", "Org Unit Path [Required]", "/", "New Primary Email [UPLOAD ONLY]", "", "Status [READ ONLY]", word("Active", "Active", "Suspended"),
				"Last Sign In [READ ONLY]", date("yyyy/mm/dd 08:14:13"), "Recovery Email", email, "Home Secondary Email", "", "Work Secondary Email", (*person).upn,
				"Recovery Phone [MUST BE IN THE E.164 FORMAT]", recovery, "Work Phone", office, "Home Phone", home, "Mobile Phone", mobile, "Work Address", "", "Home Address", "",
				"Employee ID", id, "Employee Type", "", "Employee Title", "", "Manager Email", "", "Department", "", "Cost Center", "", "2sv Enrolled [READ ONLY]", "False",
				"2sv Enforced [READ ONLY]", "False", "Building ID", "", "Floor Name", "", "Floor Section", "", "Email Usage [READ ONLY]", "0.04GB", "Drive Usage [READ ONLY]", "1.21GB",
				"Total Storage [READ ONLY]", "Unlimited", "Change Password at Next Sign-In", "False", "New Status [UPLOAD ONLY]", ""),
			preset: "google-workspace", odd: "hints in brackets; no country; half of the people have a recovery phone"},
		{system: "entra-users", file: "export.csv", encoding: "utf-8", delimiter: ",", eol: "\r\n",
			columns: entra("id", "officeLocation", "mobilePhone", "alternateEmailAddress", email, "ageGroup", "", "consentProvidedForMinor", "", "legalAgeGroupClassification", "",
				"companyName", "Contoso", "creationType", "", "directorySynced", "True", "invitationState", "", "identityIssuer", "contoso.example", "createdDateTime", func(p *person) string { return fmt.Sprintf("%d/%d/%d 8:14:13 AM", 1+p.n%12, 1+p.n, 2004+p.n%20) }),
			preset: "entra-users", odd: "nothing is quoted: one row has a comma too many, one cell quotation marks"},
		{system: "entra-users-old", file: "export.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\n",
			columns: entra("objectId", "physicalDeliveryOfficeName", "mobile", "authenticationPhoneNumber", registered(5, otherMobile), "authenticationAlternativePhoneNumber", registered(18, alternateMobile), "authenticationEmail", "",
				"alternateEmailAddress", email, "ageGroup", "", "consentProvidedForMinor", "", "legalAgeGroupClassification", ""),
			preset: "entra-users", odd: "the older columns; registered phones in some cells"},
		{system: "entra-bulk-template", file: "UserCreateTemplate.csv", encoding: "utf-8 (BOM)", delimiter: ",", quote: `"`, eol: "\r\n", above: []string{"version:v1.0" + strings.Repeat(",", 16)},
			columns: columns("Name [displayName] Required", (*person).name, "User name [userPrincipalName] Required", (*person).upn, "Initial password [passwordProfile] Required", (*person).password,
				"Block sign in (Yes/No) [accountEnabled] Required", word("No", "No", "Yes"), "First name [givenName]", first, "Last name [surname]", last, "Job title [jobTitle]", "",
				"Department [department]", "", "Usage location [usageLocation]", iso, "Street address [streetAddress]", "", "State or province [state]", "", "Country or region [country]", (*person).countryEN,
				"Office [physicalDeliveryOfficeName]", city, "City [city]", city, "ZIP or postal code [postalCode]", "", "Office phone [telephoneNumber]", office, "Mobile phone [mobile]", mobile),
			preset: "entra-bulk-template", odd: "a version line with commas; passwords"},
		{system: "m365-template", file: "Import_User_Template_en.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("User Name", (*person).upn, "First Name", first, "Last Name", last, "Display Name", (*person).name, "Job Title", "Specialist", "Department", "Sales",
				"Office Number", func(p *person) string { return fmt.Sprint(123450 + p.n) }, "Office Phone", office, "Mobile Phone", mobile, "Fax", "", "Alternate email address", email,
				"Address", "", "City", city, "State or Province", "", "ZIP or Postal Code", "", "Country or Region", (*person).countryEN),
			preset: "m365-template", odd: "Office Number is a room"},
		{system: "ad-users", file: "export.csv", encoding: "ascii", delimiter: ",", quote: `"`, all: true, eol: "\r\n", above: []string{"#TYPE Microsoft.ActiveDirectory.Management.ADUser"},
			columns: columns("c", iso, "Country", iso, "DistinguishedName", dn, "EmailAddress", (*person).upn, "EmployeeID", id, "Enabled", bit, "GivenName", first, "HomePhone", home,
				"MemberOf", "Microsoft.ActiveDirectory.Management.ADPropertyValueCollection", "mobile", mobile, "MobilePhone", mobile, "Name", (*person).name, "ObjectClass", "user",
				"ObjectGUID", (*person).objectID, "OfficePhone", office, "otherMobile", "Microsoft.ActiveDirectory.Management.ADPropertyValueCollection", "SamAccountName", (*person).sam,
				"SID", func(p *person) string { return fmt.Sprintf("S-1-5-21-1004336348-1177238915-682003330-%d", 1100+p.n) }, "Surname", last, "telephoneNumber", office, "UserPrincipalName", userNames),
			preset: "ad-users", odd: "a #TYPE line; ? for letters that are not ASCII; columns under both names; types instead of values"},
		{system: "ad-users-ldap", file: "export.csv", encoding: "utf-8 (BOM)", delimiter: ";", quote: `"`, all: true, eol: "\r\n",
			columns: columns("sAMAccountName", (*person).sam, "userPrincipalName", userNames, "enabled", bit, "displayName", (*person).name, "mail", (*person).upn, "telephoneNumber", office,
				"mobile", mobile, "homePhone", home, "co", (*person).countryEN),
			preset: "ad-users", odd: "LDAP names in another letter case; names of countries"},
		{system: "csvde", file: "export.csv", encoding: "utf-16le", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("DN", dn, "objectClass", "user", "cn", (*person).name, "sn", last, "c", iso, "telephoneNumber", office, "givenName", first, "distinguishedName", dn,
				"whenCreated", date("yyyymmdd081413.0Z"), "displayName", (*person).name, "co", (*person).countryEN, "objectGUID", func(p *person) string { return "X'" + strings.ReplaceAll(p.objectID(), "-", "") + "'" },
				"userAccountControl", func(p *person) string { return p.word([]string{"512", "66048"}[p.n%2], "544", "514") }, "sAMAccountName", (*person).sam, "userPrincipalName", userNames,
				"homePhone", home, "mail", (*person).upn, "mobile", mobile, "otherMobile", func(p *person) string { return international(p) + ";" + international(p) }),
			preset: "csvde", odd: "UTF-16 with a byte order mark; status is a sum of flags"},
	}
}

func tools() []export {
	return []export{
		{system: "identityman", file: "AuthMethodsImport.csv", encoding: "utf-8", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("UPN", (*person).upn, "Mobile", func(p *person) string {
				if p.n == 9 {
					return "+310612345609"
				}
				return p.e164(p.mobile)
			}, "OfficePhone", func(p *person) string { return p.e164(p.office) }, "AlternateMobile", func(p *person) string { return p.e164(p.home) },
				"ForcedUpdate", func(p *person) string { return []string{"True", "False"}[p.n%2] }, "ForcedRemoval", "False"),
			preset: "identityman", odd: "numbers with +; one keeps its trunk zero behind the country code; flags of consent"},
		{system: "prefillinator", file: "users.csv", encoding: "utf-8", delimiter: ",", quote: `"`, all: true, eol: "\r\n",
			columns: columns("EmployeeNumber", id, "UserName", (*person).sam, "SecondaryEmail", email, "PhoneNumber", func(p *person) string {
				if p.country == "US" || p.country == "CA" {
					return p.mobile
				}
				return p.spaced(p.mobile)
			}, "HomePhoneNumber", home),
			preset: "prefillinator", odd: "every cell quoted; North American numbers without country code, and no country"},
	}
}

func anything() []export {
	return []export{
		{system: "any-de", file: "export.csv", encoding: "utf-8 (BOM)", delimiter: ";", quote: `"`, eol: "\r\n",
			columns: columns("Personal-Nr.", id, "Name", last, "Vorname", first, "Dienstliche E-Mail", (*person).upn, "Private E-Mail-Adresse", email, "Telefon", home, "Handy", mobile,
				"Bürotelefon", office, "Nebenstelle", extension, "Land", iso, "Eintritt", date("dd.mm.yyyy"), "Gehalt", func(p *person) string { return strings.Replace(p.salary(), ".", ",", 1) }),
			preset: "any", odd: "a column Telefon, unmapped"},
		{system: "any-fr", file: "export.csv", encoding: "windows-1252", delimiter: ";", quote: `"`, eol: "\r\n",
			columns: columns("Matricule", id, "Nom", last, "Prénom", first, "E-mail professionnel", (*person).upn, "E-mail personnel", email, "Téléphone portable", mobile,
				"Téléphone professionnel", office, "Poste téléphonique", extension, "Pays", nameOfCountry(language.French), "Date d'entrée", date("dd/mm/yyyy"), "Salaire", (*person).salary),
			preset: "any", odd: "names of countries in French"},
		{system: "any-ko", file: "export.csv", encoding: "cp949", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("사번", id, "성명", func(p *person) string { return p.last + p.first }, "회사 이메일", (*person).upn, "개인 이메일", email, "휴대전화", mobile, "사무실 전화", office,
				"내선번호", extension, "국가", nameOfCountry(language.Korean), "입사일", date("yyyy-mm-dd"), "연봉", (*person).salary),
			preset: "any", odd: "names of countries in Korean"},
		{system: "any-ja", file: "export.csv", encoding: "shift_jis", delimiter: ",", quote: `"`, eol: "\r\n",
			columns: columns("社員番号", id, "氏名", func(p *person) string { return p.last + " " + p.first }, "会社メールアドレス", (*person).upn, "個人メールアドレス", email, "携帯電話番号", mobile,
				"勤務先電話番号", office, "内線番号", extension, "国", nameOfCountry(language.Japanese), "入社日", date("yyyy/mm/dd"), "年収", (*person).salary),
			preset: "any", odd: "names of countries in Japanese"},
	}
}
