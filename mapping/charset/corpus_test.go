package charset

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// words are names and places as people of a language have them, of invented
// people.
var words = map[string]string{
	"german":     "Müller Schäfer Jürgen Björn Günther Weiß Köln Düsseldorf München Lübeck Würzburg Götz Böhm Krüger Jäger Schröder Grünwald Hübner Bärbel Käthe Größe Straße Österreich Übach Äpfelbach Nürnberg Saarbrücken Gießen Fürth Preußen MÜLLER GROß Heß André René Zoë Möllemann Strauß Züri Gräfe Köpenick",
	"french":     "Hélène Thérèse François Geneviève Jérôme Loïc Anaïs Chloë Noël Benoît Zoé André Émile Éric Rivière Gruyère Lefèvre Béranger Saint-Étienne Besançon Orléans Angoulême Nîmes Sète Mâcon Château-Thierry Évry Créteil Sœur Lœuillet Côté Lévêque Forêt Aurélie Valérie Cédric Stéphane Frédéric Mélanie Gaëlle Maëlys Adèle Michèle Eugène Hervé Mérignac Bègles Périgueux",
	"spanish":    "José María Muñoz Peña Núñez Ibáñez Martínez García Rodríguez Fernández López Pérez Sánchez Gómez Jiménez Álvarez Íñigo Begoña Logroño Coruña Cádiz Málaga Córdoba León Almería Jaén Ávila Cáceres Peñalver Güell Inés Andrés Ángel Óscar Úrsula Mónica Sofía Ramón Zúñiga Castañeda Bogotá México Yáñez",
	"portuguese": "João José Conceição Gonçalves Magalhães Guimarães Simões Camões António Inês Luís Lourenço Mendonça Assunção São Paulo Brasília Goiânia Maceió Belém Florianópolis Évora Setúbal Bragança Estêvão Sebastião Antão Leões Araújo Mário Fátima Cecília Vitória Esperança França Falcão Galvão Frazão Brandão Mourão Leitão Corrêa",
	"italian":    "Nicolò Niccolò Forlì Gesù Josè Cantù Patanè Mariù Calò Zanè Fabrè Barillà Scirè Laganà Nardò Cefalù Agrò Pantanò Viganò Sansò Mondovì Salò Trovò Bonfà Cirò Orrù Pirrù Desirè Noè Mosè",
	"nordic":     "Björn Åse Håkan Göran Sören Jørgen Søren Bjørn Øystein Åge Mæland Kærgaard Tromsø Ålesund Århus Malmö Göteborg Örebro Västerås Jönköping Ærø Nørgaard Sørensen Lindström Sjöberg Åkesson Öberg Bøe Røed Høeg Møller Pål Gård Østfold Bærum Håvard Bodø Skåne Hässleholm Växjö Gävle Märta Jürgensen Bäckström Nyström Østergård Færøvik Åsmund Blåvand",
	"finnish":    "Mäkinen Hämäläinen Jyväskylä Hyvinkää Väinö Pöllänen Särkkä Räsänen Tähtinen Hänninen Mäkelä Nieminen-Löfgren Seinäjoki Jämsä Töölö Kärkkäinen Pärssinen Häkkinen Åbo Åström Ågren Åkerman Ähtäri Östersundom",
	"icelandic":  "Þóra Sigurður Guðmundur Björk Jón Þórunn Hafþór Æsa Sæunn Ragnheiður Auður Davíð Garðar Friðrik Þorsteinn Steinþór Kópavogur Hafnarfjörður Akureyri-Höfn Ísafjörður Guðrún Sigríður Árni Óskar Úlfur Ýmir Jóhann Ólafur Hrönn Ásdís",
	"dutch":      "Daniël Joëlle Zoë Michiel-René Noëlle Raphaël Gijs-André Coëvorden België Italië Ruïne Chloë Thaïs Moïse Eliëzer Mariëlle Curaçao Citroën Désirée Anaïs",
	"catalan":    "Jordà Núria Òscar Montserrat-Àngels Lluís Mònica Sònia Antònia Vilà Català Sabadell-Güell Badalona-Fàbrega Barceló Cugat-Solà Lleó Pàmies Puigdemont-Gràcia Verònica Ramón Adrià Anglès Farrés Bàrbara Llúcia Françesc Eugènia",
	"czech":      "Dvořák Jiří Novák Novotný Černý Kučera Růžička Němec Hájek Řehoř Zdeněk Tomáš Lukáš Ondřej Matěj Šárka Jaroslav-Krátký Příbram Plzeň Třebíč Ústí Děčín Žďár Břeclav Hradec-Králové Čapek Vlčková Kříž Veselý Procházka Horák Jelínek Říha Štěpán Božena Květa Věra Mařenka Kopecký Martinů Hlaváček Bartoš Zelenková-Nováková Pokorný Kadlečík Šťastný Jičín Poděbrady-Kolín Uhříněves",
	"slovak":     "Ľubomír Ľudmila Košice Žilina Prešov Bratislava-Petržalka Kováč Horváth Tóth Šimko Ďurica Ťažký Oľga Štefánik Ivančík Polák Hruška Baláž Mikuláš Vaňo Trenčín Piešťany Mičko Gašparovič Dubček Lučenec Čadca Šaľa Jánošík Zvolenský Michalík Krajčír Kučerák Šebesta Ondrejková-Chudá",
	"polish":     "Wójcik Kamiński Zieliński Dąbrowska Wiśniewska Małgorzata Grażyna Łukasz Świętek Żak Pięta Zięba Michał Paweł Kraków Gdańsk Poznań Łódź Wrocław Częstochowa Bydgoszcz-Toruń Kościuszko Mickiewicz-Żółć Jabłoński Piątek Wróbel Stępień Górski Król Błaszczyk Sokołowska Bąk Głowacki Ćwik Śliwa Źrebiec Józef Stanisława-Świątek Zając Szymańska Kędzierski Wąsowicz Gołębiowski Rzeszów Kielce-Chęciny Zabłocki",
	"hungarian":  "Szűcs Erdős Győr Kőszegi Gyöngyi László István Zoltán-Árpád Böröczky Hőgyes Szőke Lőrinc Űrhegyi Őry Tűzkő József Ágnes Éva Fekete-Kovács Szabó Tóth Fűzfő Mezőkövesd Székesfehérvár Debrecen-Józsa Pécs Kőrösi Dezső Ernő Gergő Jenő Gyürüs Hősök Erdélyi Vörösmarty Petőfi Ödön Dömötör Rákóczi Szőllősi",
	"croatian":   "Kovačević Marić Babić Jurčić Šimić Đurić Đorđević Horvat-Čović Perić Vuković Petrović Nikolić Živković Žagar Čakovec Šibenik Poreč Krč Varaždin Đakovo Županja Tadić Bošnjak Knežević Grgić Lončar Ćosić Radić Pavić Tomašić Božić Mandić Šarić Blažević Matić Filipović",
	"slovene":    "Čeh Žužek Štrukelj Kranjčič Novačan-Šuštar Škofja Črnomelj Šentjur Žalec Bučar Košir Žagar Kovač Krajnc-Rožič Vidmar-Šmid Primož Matjaž Nejc-Možina Urška Špela Maruša Tadej-Češnik Hočevar Golob-Žibert Turnšek Pečnik Rupnik-Vrč Dežman Šoštanj Jerše",
	"romanian":   "Ştefan Ionuţ Brătianu Timişoara Constanţa Râmnicu Mihăilescu Bălan Ţepeş Cătălin Mădălina Răzvan Iaşi Bucureşti Galaţi Piteşti Ploieşti Braşov Târgu Mureş Creţu Munteanu-Sârbu Păun Gheorghiţă Florea-Dobriţa Vlăduţ Ioniţă Sălăjan Drăgan Măgureanu Năstase Stănescu Şerban Ţurcanu Ţiriac Şandru Bârsan Ilincuţa Ruşu",
	"turkish":    "Yılmaz Şahin Kılıç Aydın Doğan Erdoğan Işık Güneş Özgür İnce İbrahim Çağlar Öztürk Çelik Şimşek Yıldız Yıldırım Kaçmaz Gökçe Ayşe Hüseyin İzmir İstanbul Eskişehir Muğla Kırşehir Beşiktaş Üsküdar Kadıköy Çanakkale Tuğba Çiğdem Oğuz Barış Gülşen Işıl Ümit Özdemir Koç Taş Bağcılar",
	"lithuanian": "Žemaitė Kazlauskas-Šiauliai Petrauskienė Jonušaitė Vytautė Panevėžys Klaipėda Mažeikiai Šarūnas Žydrūnas Rūta Ąžuolas Eglė Stankevičius Navickienė Urbonavičiūtė Paulauskas-Čekuolis Giedrė Aistė Rasytė Kėdainiai Utena-Ukmergė Telšiai Gražina Audrė Šimkus Brazauskienė Mickevičius Vilniūtė Būtėnas",
	"latvian":    "Bērziņš Kalniņš Ozoliņš Jānis Pēteris Krišjānis Līga Inese-Krūmiņa Rīga Liepāja Jēkabpils Rēzekne Jūrmala Ķekava Ģirts Šķēle Žanis Zariņš Āboliņa Dzintra-Pētersone Vējonis Andžāns Ilūkste Ādaži Sējēja Mārtiņš Ēriks Ļaudona Kārlis Pļaviņas",
	"estonian":   "Mägi Tõnu Kõiv Põld Võru Pärnu Õunapuu Jõgeva Rõuge Tamm-Küla Märt Jüri Sõber Lõhmus Kägu Põltsamaa Mõisaküla Hõbe Lää Üllar Rõõm Vändra Räpina Šmidt Ženja Kärdla Türi",
	"russian":    "Иванов Пётр Александр Наталья Екатерина Сергеевич Москва Санкт-Петербург Новосибирск Екатеринбург Казань Челябинск Владивосток Кузнецова Смирнов Попов Васильев Морозова Волков Лебедев Козлов Новиков Фёдоров Андрей Юлия Ольга Дмитрий Щербаков Чернышёв Жуков Цветкова Эдуард Хабаровск Ярославль Алексеев Виктор Ульяна Михаил Рябов Шевчук ИВАНОВА ПЕТРОВ МОСКВА",
	"ukrainian":  "Шевченко Олександр Київ Харків Львів Дніпро Запоріжжя Тетяна Юлія Андрій Сергій Коваленко Бондаренко Ткаченко Кравченко Олійник Лисенко Наталія Ірина Оксана Ґудзь Євген Вінниця Чернігів Полтава Ївга Мар’яна Лук’янчук Савченко Поліщук Мельник Іванна Хмельницький",
	"bulgarian":  "Георги Димитър Иванка Стоянов Петрова Николов Христо Пламен Цветанка Търново София Пловдив Варна Бургас Русе Стара Загора Плевен Сливен Добрич Шумен Перник Хасково Ямбол Пазарджик Благоевград Ъглова Щерева Желязков Красимир Юлиян",
	"serbian":    "Ђорђевић Јовановић Петровић Николић Марковић Миљан Љубица Његош Џемал Београд Нови Сад Ниш Крагујевац Суботица Чачак Краљево Шабац Ужице Зрењанин Панчево Живковић Ћирић Јелена Драган Слободан Васиљевић Милица",
	"greek":      "Παπαδόπουλος Γιώργος Ελένη Κωνσταντίνος Δημήτρης Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο Νικόλαος Μαρία Αναστασίου Οικονόμου Βασιλείου Ιωάννης Χρήστος Σοφία Κατερίνα Λάρισα Βόλος Χανιά ΠΑΠΑΔΟΠΟΥΛΟΣ ΑΘΗΝΑ ΓΕΩΡΓΙΟΥ",
	"japanese":   "田中太郎 佐藤花子 鈴木一郎 高橋健 渡辺美咲 伊藤さくら 山本翔 中村ゆい 小林大輔 加藤陽菜 吉田拓也 山田涼 佐々木蓮 斎藤舞 松本隆 井上葵 木村翼 清水彩 林直樹 東京都千代田区 大阪市北区 横浜市 名古屋市 札幌市 営業部 人事課 総務部 タナカ サトウ スズキ ヤマモト コバヤシ 開発センター 株式会社サンプル 福岡県 仙台市青葉区 髙橋誠 山﨑忍 渡邊龍 鹿児島 経理 企画室 阿部寛 森岡優 池田遥 橋本環",
	"korean":     "김철수 이영희 박민수 최지우 정수빈 강하늘 조은정 윤서연 장동건 임재현 한지민 오세훈 서울특별시 부산광역시 대구 인천 광주 대전 울산 수원시 성남시 강남구 종로구 인사팀 개발부 영업본부 총무과 신유진 권나라 황정음 안재홍 송혜교 전지현 홍길동 유재석 고현정 문채원 양세형 배수지 백종원 허준호 남궁민 제주도 경기도 기획실 마케팅 연구소",
	"chinese":    "王伟 李娜 张敏 刘洋 陈静 杨帆 赵磊 黄丽 周涛 吴芳 徐强 孙婷婷 马超 朱琳 胡军 郭晓明 何洁 高翔 林志玲 罗永浩 北京市 上海市浦东新区 广州 深圳 杭州 成都 人力资源部 销售部 研发中心 财务处 西安 南京市 武汉 天津 重庆 苏州工业园区 郑爽 谢霆 宋佳 唐嫣 许晴 邓超 冯小刚 曹颖 彭于 曾黎 萧敬 田亮 董洁 潘粤 袁弘 蒋欣",
	"taiwanese":  "王小明 李淑芬 張志豪 劉美玲 陳怡君 楊雅婷 黃俊傑 吳宗翰 周杰 林佳穎 台北市 高雄市 新竹縣 臺中 業務部 人事室 研發處 許瑋 蔡依 鄭詩 謝欣 郭靜 洪榮 曾國 邱澤 廖峻 賴雅 徐若 葉舒 莊凱 桃園 嘉義 屏東縣 花蓮 基隆",
}

var (
	utf16le = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf16be = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

// coders are the encoders that the tests hold against the package.
var coders = map[Encoding]encoding.Encoding{
	UTF8: encoding.Nop, UTF16LE: utf16le, UTF16BE: utf16be,
	Windows1252: charmap.Windows1252, Windows1250: charmap.Windows1250, Windows1251: charmap.Windows1251,
	ShiftJIS: japanese.ShiftJIS, EUCKR: korean.EUCKR, GB18030: simplifiedchinese.GB18030,
}

// written says in which encodings people write a language: those that are
// read, and those that must not be taken for another. The languages are of
// words; the tags are of what Unicode's CLDR calls countries and languages.
var written = []struct {
	coder     encoding.Encoding
	name      string
	encoding  Encoding
	languages string
	tags      string
}{
	{charmap.Windows1252, "windows-1252", Windows1252, "german french spanish portuguese italian nordic finnish icelandic dutch catalan estonian", "de fr es pt it sv da fi is nl ca et ga eu gl af sq lb id"},
	{charmap.Windows1250, "windows-1250", Windows1250, "czech slovak polish hungarian croatian slovene romanian german", "cs sk pl hu hr sl ro sq bs hsb"},
	{charmap.Windows1251, "windows-1251", Windows1251, "russian ukrainian bulgarian serbian", "ru uk bg sr mk be"},
	{japanese.ShiftJIS, "shift-jis", ShiftJIS, "japanese", "ja"},
	{korean.EUCKR, "euc-kr", EUCKR, "korean", "ko"},
	{simplifiedchinese.GB18030, "gb18030", GB18030, "chinese", "zh zh-Hant"},
	{charmap.ISO8859_2, "iso-8859-2", "", "czech slovak polish hungarian croatian slovene romanian german", "cs sk pl hu hr sl"},
	{charmap.ISO8859_15, "iso-8859-15", "", "german french spanish portuguese finnish", "fr fi et"},
	{charmap.Windows1254, "windows-1254", "", "turkish", "tr az"},
	{charmap.Windows1257, "windows-1257", "", "lithuanian latvian estonian", "lt lv et"},
	{charmap.Windows1253, "windows-1253", "", "greek", "el"},
	{charmap.ISO8859_7, "iso-8859-7", "", "greek", "el"},
	{charmap.Windows1255, "windows-1255", "", "", "he"},
	{charmap.Windows1256, "windows-1256", "", "", "ar fa ur"},
	{charmap.Windows1258, "windows-1258", "", "", "vi"},
	{charmap.Windows874, "windows-874", "", "", "th"},
	{charmap.Macintosh, "macintosh", "", "german french spanish portuguese italian nordic finnish dutch catalan", "da fr es"},
	{charmap.CodePage850, "cp850", "", "german french spanish portuguese italian nordic finnish icelandic dutch catalan", "de fr es"},
	{charmap.CodePage437, "cp437", "", "german spanish italian finnish", "de it"},
	{charmap.CodePage852, "cp852", "", "czech slovak polish hungarian croatian slovene", "cs sk pl hu"},
	{charmap.KOI8R, "koi8-r", "", "russian bulgarian", "ru bg"},
	{charmap.KOI8U, "koi8-u", "", "ukrainian", "uk"},
	{charmap.ISO8859_5, "iso-8859-5", "", "russian bulgarian serbian", "ru sr"},
	{charmap.CodePage866, "cp866", "", "russian bulgarian", "ru be"},
	{charmap.MacintoshCyrillic, "mac-cyrillic", "", "russian ukrainian bulgarian serbian", "ru mk"},
	{japanese.EUCJP, "euc-jp", "", "japanese", "ja"},
	{japanese.ISO2022JP, "iso-2022-jp", "", "japanese", "ja"},
	{traditionalchinese.Big5, "big5", "", "taiwanese", "zh-Hant"},
}

// named gives the words of the names that CLDR has in a language.
func named(tag string) []string {
	var list []string
	regions := display.Regions(language.MustParse(tag))
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if r, err := language.ParseRegion(string(a) + string(b)); err == nil && r.IsCountry() {
				list = append(list, strings.Fields(regions.Name(r))...)
			}
		}
	}
	languages := display.Languages(language.MustParse(tag))
	for _, l := range display.Supported.Tags() {
		list = append(list, strings.Fields(languages.Name(l))...)
	}
	return list
}

// encode gives the words that a coder can write, as written.
func encode(words []string, coder encoding.Encoding) []string {
	var list []string
	for _, word := range words {
		if encoded, err := coder.NewEncoder().String(word); err == nil {
			list = append(list, encoded)
		}
	}
	return list
}

// table writes a CSV file with n words, chosen by seed.
func table(vocabulary []string, n int, seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	b.WriteString("Employee ID,Name,City,Personal Mobile,E-mail\r\n")
	for i := 0; i < n; i += 2 {
		word := vocabulary[rng.IntN(len(vocabulary))]
		other := "Springfield"
		if i+1 < n {
			other = vocabulary[rng.IntN(len(vocabulary))]
		}
		fmt.Fprintf(&b, "%05d,%s,%s,+1 212 555 01%02d,person%d@example.com\r\n", i, word, other, i%100, i)
	}
	return []byte(b.String())
}

type sample struct {
	encoding Encoding
	text     string
	bytes    []byte
}

// samples gives for each encoding a table with n names of languages that are
// written in it.
func samples(t testing.TB, n int) []sample {
	t.Helper()
	var list []sample
	for _, of := range []struct {
		encoding Encoding
		language string
	}{
		{UTF8, "german french czech russian japanese korean chinese"},
		{UTF16LE, "german french czech russian japanese korean chinese"},
		{UTF16BE, "polish spanish ukrainian chinese"},
		{Windows1252, "german french spanish"},
		{Windows1250, "czech polish"},
		{Windows1251, "russian"},
		{ShiftJIS, "japanese"},
		{EUCKR, "korean"},
		{GB18030, "chinese"},
	} {
		var vocabulary []string
		for language := range strings.FieldsSeq(of.language) {
			vocabulary = append(vocabulary, strings.Fields(words[language])...)
		}
		text := string(table(vocabulary, n, 1))
		encoded, err := coders[of.encoding].NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, sample{of.encoding, text, []byte(encoded)})
	}
	return list
}
