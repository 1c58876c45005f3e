package country

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// languages are those whose names of countries are read. Vietnamese is not
// among them: its names of Austria, Belgium and Russia are, but for an accent or
// the letter case, the codes of Angola, Burundi and Nigeria.
const languages = "en en-GB de de-AT de-CH fr it es es-MX pt pt-PT nl ca da sv nb is fi et lv lt pl cs sk sl hr sr-Latn hu ro bg el tr " +
	"ru uk ar he fa hi id ms th ja ko zh zh-Hant zh-Hant-HK"

// ambiguous marks a name that means more than one country.
const ambiguous = 0xff

// neither are names that people use for one country and for another, or for
// more than a country.
const neither = "America|Congo|Kongo|Конго|Guinea|Guine|Korea|Saint Martin|Virgin Islands|Republic of China|لتونی"

// names gives the folded names of all countries and the index of each in codes.
// It is made when it is first needed; a column of codes never needs it.
var names = sync.OnceValue(func() map[string]uint8 {
	t := table{names: make(map[string]uint8, 8000)}
	for name := range strings.SplitSeq(neither, "|") {
		t.add(name, ambiguous)
	}
	t.addFurther()
	t.addForeign()
	return t.names
})

// table is the names under construction.
type table struct {
	names  map[string]uint8
	buffer []byte
}

func (t *table) addFurther() {
	for line := range strings.Lines(further) {
		i, ok := index(line[:2])
		if !ok {
			continue // never: a test reads every line
		}
		for name := range strings.SplitSeq(strings.TrimSpace(line[2:]), "|") {
			t.add(name, uint8(i))
		}
	}
}

func (t *table) addForeign() {
	regions := make([]any, len(codes)/wide) // as the namer takes them
	for i := range regions {
		regions[i] = language.MustParseRegion(alpha2(i))
	}
	for tag := range strings.FieldsSeq(languages) {
		namer := display.Regions(language.MustParse(tag))
		for i, region := range regions {
			name := namer.Name(region)
			t.add(name, uint8(i))
			if strings.HasPrefix(tag, "de") {
				t.add(umlauts.Replace(name), uint8(i))
			}
		}
	}
}

// umlauts spells German names as they are spelled where there are no umlauts.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue")

// add enters a name. One that is there for another country means neither.
func (t *table) add(name string, country uint8) {
	t.buffer = fold(t.buffer[:0], name)
	spaced(t.buffer)
	if len(t.buffer) == 0 {
		return
	}
	before, found := t.names[string(t.buffer)]
	switch {
	case !found:
		t.names[string(t.buffer)] = country
	case before != country && before != ambiguous:
		t.names[string(t.buffer)] = ambiguous
	}
}

// further are names beside those that the language data gives: official and
// former ones, abbreviations, the parts of the United Kingdom, and the new names
// of countries that were renamed. An ambiguous name with a code beside it is one.
const further = `AD Principality of Andorra
AE UAE|U.A.E.|Emirates|VAE|V.A.E.
AF Islamic Republic of Afghanistan|Islamic Emirate of Afghanistan
AL Republic of Albania
AM Republic of Armenia
AO Republic of Angola
AR Argentine Republic
AT Republic of Austria|Republik Österreich
AU Commonwealth of Australia
AZ Republic of Azerbaijan
BA Bosnia|Bosnien|Bosnien-Herzegowina|Bosnië|Bosna i Hercegovina
BD People's Republic of Bangladesh
BE Kingdom of Belgium|Königreich Belgien
BG Republic of Bulgaria
BH Kingdom of Bahrain
BI Republic of Burundi
BJ Republic of Benin
BL Saint Barthelemy
BN Brunei Darussalam|Nation of Brunei|Sultanate of Brunei
BO Plurinational State of Bolivia|Republic of Bolivia
BQ Bonaire, Sint Eustatius and Saba|Bonaire, Saint Eustatius and Saba
BR Federative Republic of Brazil
BS Commonwealth of the Bahamas
BT Kingdom of Bhutan
BW Republic of Botswana
BY Republic of Belarus|Byelorussia|Weißrussland|Biélorussie|Bielorrusia|Bielorussia
CC Cocos Islands|Keeling Islands
CD Democratic Republic of the Congo|Democratic Republic of Congo|Congo DRC|Congo DR|DR Congo|D.R. Congo|DRC|D.R.C.|Demokratische Republik Kongo|République démocratique du Congo|RD Congo|RDC|Congo, Dem. Rep.|Congo (CD)|Congo (COD)
CF Central African Rep.
CG Republic of the Congo|Republic of Congo|Republik Kongo|République du Congo|Congo, Rep.|Congo (CG)|Congo (COG)
CH Swiss Confederation|Confoederatio Helvetica|Confédération suisse|Schweizerische Eidgenossenschaft
CI Ivory Coast|Republic of Côte d'Ivoire|Cote dIvoire|Elfenbeinküste
CL Republic of Chile
CM Republic of Cameroon
CN People's Republic of China|Peoples Republic of China|PRC|P.R.C.|P.R. China|PR China|Mainland China|China Mainland|Volksrepublik China|République populaire de Chine|中华人民共和国|中華人民共和国|中國大陸|中国大陆
CO Republic of Colombia
CR Republic of Costa Rica
CU Republic of Cuba
CV Cape Verde|Cabo Verde|Republic of Cabo Verde|Republic of Cape Verde
CY Republic of Cyprus
CZ Czech Republic|Tschechische Republik|République tchèque|República Checa|Repubblica Ceca|Česká republika|Tsjechische Republiek|Tjeckiska republiken|Republika Czeska
DE Federal Republic of Germany|Bundesrepublik Deutschland|BRD|République fédérale d'Allemagne
DJ Republic of Djibouti
DK Kingdom of Denmark
DM Commonwealth of Dominica
DZ People's Democratic Republic of Algeria
EC Republic of Ecuador
EE Republic of Estonia
EG Arab Republic of Egypt|Egypt, Arab Rep.
ER State of Eritrea
ES Kingdom of Spain|Reino de España
ET Federal Democratic Republic of Ethiopia
FI Republic of Finland
FJ Republic of Fiji
FK Falkland Islands|Falklands|Falkland Islands (Malvinas)
FM Federated States of Micronesia
FO Faeroe Islands|Faroes
FR French Republic|République française
GA Gabonese Republic
GB United Kingdom of Great Britain and Northern Ireland|U.K.|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|Großbritannien|Schottland|Nordirland|Grande-Bretagne|Angleterre|Écosse|Pays de Galles|Irlande du Nord|Gran Bretaña|Inglaterra|Escocia|Irlanda del Norte|Gran Bretagna|Inghilterra|Scozia|Irlanda del Nord|Grã-Bretanha|Escócia|Irlanda do Norte|Groot-Brittannië|Engeland|Schotland|Noord-Ierland
GE Republic of Georgia
GG Bailiwick of Guernsey
GH Republic of Ghana
GM Republic of the Gambia
GN Republic of Guinea|Guinea-Conakry|Guinée Conakry|République de Guinée|Guinea (GN)|Guinea (GIN)
GQ Republic of Equatorial Guinea
GR Hellenic Republic|Hellas
GS South Georgia
GT Republic of Guatemala
GW Republic of Guinea-Bissau|Portuguese Guinea
GY Co-operative Republic of Guyana|Cooperative Republic of Guyana
HK Hong Kong|Hongkong|Hong Kong SAR|HKSAR|Hong Kong, China|Hong Kong Special Administrative Region of China|香港
HM Heard Island and McDonald Islands
HN Republic of Honduras
HR Republic of Croatia
HT Republic of Haiti
HU Republic of Hungary
ID Republic of Indonesia
IE Republic of Ireland|Irish Republic|Eire
IL State of Israel
IN Republic of India
IQ Republic of Iraq
IR Islamic Republic of Iran
IS Republic of Iceland
IT Italian Republic|Repubblica Italiana
JE Bailiwick of Jersey
JO Hashemite Kingdom of Jordan
KE Republic of Kenya
KG Kyrgyz Republic
KH Kingdom of Cambodia
KI Republic of Kiribati
KM Union of the Comoros
KN Saint Kitts-Nevis|Federation of Saint Kitts and Nevis
KP Democratic People's Republic of Korea|Democratic Peoples Republic of Korea|Korea, Dem. People's Rep.|DPRK|D.P.R.K.|DPR Korea|D.P.R. Korea|Korea (KP)|Korea (PRK)
KR Republic of Korea|Korea, Rep.|ROK|R.O.K.|Republik Korea|République de Corée|대한민국|大韓民国|大韓民國|Korea (KR)|Korea (KOR)
KW State of Kuwait
KZ Republic of Kazakhstan
LA Lao People's Democratic Republic|Lao Peoples Democratic Republic|Lao PDR|Lao P.D.R.
LB Lebanese Republic
LI Principality of Liechtenstein|Fürstentum Liechtenstein
LK Democratic Socialist Republic of Sri Lanka
LR Republic of Liberia
LS Kingdom of Lesotho
LT Republic of Lithuania
LU Grand Duchy of Luxembourg|Grand-Duché de Luxembourg|Großherzogtum Luxemburg
LV Republic of Latvia
LY State of Libya|Libyan Arab Jamahiriya
MA Kingdom of Morocco
MC Principality of Monaco|Principauté de Monaco
MD Republic of Moldova
MF Saint Martin (French part)|Collectivity of Saint Martin|Saint Martin (MF)|Saint Martin (MAF)
MG Republic of Madagascar
MH Republic of the Marshall Islands
MK North Macedonia|Republic of North Macedonia|FYROM|F.Y.R.O.M.|FYR Macedonia|Former Yugoslav Republic of Macedonia|Republic of Macedonia|Nordmazedonien|Macédoine du Nord|Macedonia del Norte|Macedonia del Nord|Macedônia do Norte|Noord-Macedonië|Nordmakedonien|Nord-Makedonia|Macedonia Północna|Severní Makedonie|北マケドニア|北马其顿
ML Republic of Mali
MM Myanmar|Burma|Republic of the Union of Myanmar|Birma|Birmanie|Birmania
MO Macau|Macao|Macau SAR|Macao SAR|Macao SAR, China|Macau, China|Macao, China|澳門|澳门
MR Islamic Republic of Mauritania
MT Republic of Malta
MU Republic of Mauritius
MV Republic of Maldives
MW Republic of Malawi
MX United Mexican States|Estados Unidos Mexicanos
MZ Republic of Mozambique
NA Republic of Namibia
NE Republic of the Niger
NG Federal Republic of Nigeria
NI Republic of Nicaragua
NL Kingdom of the Netherlands|Holland|Hollande|Holanda|Olanda|Nederland|Koninkrijk der Nederlanden
NO Kingdom of Norway
NP Federal Democratic Republic of Nepal
NR Republic of Nauru
OM Sultanate of Oman
PA Republic of Panama
PE Republic of Peru
PG Independent State of Papua New Guinea|PNG|P.N.G.
PH Republic of the Philippines
PK Islamic Republic of Pakistan
PL Republic of Poland|Rzeczpospolita Polska
PN Pitcairn
PS Palestine|State of Palestine|Occupied Palestinian Territory|Palestinian Territory|West Bank and Gaza
PT Portuguese Republic|República Portuguesa
PW Republic of Palau
PY Republic of Paraguay
QA State of Qatar
RS Republic of Serbia
RU Russian Federation|Russische Föderation|Fédération de Russie|Российская Федерация|РФ
RW Republic of Rwanda
SA Kingdom of Saudi Arabia|KSA|K.S.A.
SC Republic of Seychelles
SD Republic of the Sudan
SE Kingdom of Sweden
SG Republic of Singapore
SH Saint Helena, Ascension and Tristan da Cunha
SI Republic of Slovenia
SJ Svalbard and Jan Mayen Islands
SK Slovak Republic|Slowakische Republik|République slovaque|Slovenská republika
SL Republic of Sierra Leone
SM Republic of San Marino
SN Republic of Senegal
SO Federal Republic of Somalia
SR Republic of Suriname
SS Republic of South Sudan
ST Democratic Republic of São Tomé and Príncipe
SV Republic of El Salvador
SX Sint Maarten (Dutch part)|Saint Maarten
SY Syrian Arab Republic
SZ Eswatini|Kingdom of Eswatini|Swaziland|Kingdom of Swaziland
TD Republic of Chad
TF French Southern Territories
TG Togolese Republic
TH Kingdom of Thailand
TJ Republic of Tajikistan
TL East Timor|Timor-Leste|Democratic Republic of Timor-Leste
TN Republic of Tunisia
TO Kingdom of Tonga
TR Türkiye|Republic of Türkiye|Republic of Turkey|Türkiye Cumhuriyeti
TT Republic of Trinidad and Tobago
TV Ellice Islands
TW Taiwan|Taiwan, China|Taiwan, Province of China|Taiwan, Republic of China|Taiwan (R.O.C.)|Taiwan (ROC)|Chinese Taipei|臺灣
TZ United Republic of Tanzania
UG Republic of Uganda
UM United States Minor Outlying Islands
US United States of America|U.S.A.|U.S.|US of A|Vereinigte Staaten von Amerika|États-Unis d'Amérique|Estados Unidos de América|EE. UU.|EEUU|EE.UU.A.|EUA|E.U.A.|Stati Uniti d'America|Estados Unidos da América|Verenigde Staten van Amerika|Stany Zjednoczone Ameryki|США|アメリカ|美國|미합중국
UY Oriental Republic of Uruguay|Eastern Republic of Uruguay
UZ Republic of Uzbekistan
VA Holy See|Vatican|Holy See (Vatican City State)|Vatican City State|State of the Vatican City
VE Bolivarian Republic of Venezuela|Venezuela, RB|Republic of Venezuela
VG Virgin Islands (British)|BVI|B.V.I.|Virgin Islands (VG)|Virgin Islands (VGB)
VI Virgin Islands (U.S.)|Virgin Islands, US|US Virgin Islands|United States Virgin Islands|USVI|Virgin Islands of the United States|Virgin Islands (VI)|Virgin Islands (VIR)
VN Viet Nam|Socialist Republic of Viet Nam|Socialist Republic of Vietnam|Việt Nam
VU Republic of Vanuatu
WF Wallis and Futuna Islands
WS Independent State of Samoa|Western Samoa
XK Republic of Kosovo
YE Republic of Yemen
ZA Republic of South Africa|RSA|R.S.A.
ZM Republic of Zambia
ZW Republic of Zimbabwe
`
