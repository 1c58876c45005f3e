package main

import "strings"

// naming is how people of a country are called. A name "native|latin" is
// written in its own script in the files and in Latin letters in addresses.
type naming struct {
	first, last []string
	familyFirst bool // 佐藤 健 rather than Ken Sato
}

func list(names string) []string { return strings.Split(names, ",") }

func german() naming {
	return naming{
		first: list("Anna,Jörg,Käthe,Lukas,Mareike,Björn,Sabine,Tobias,Ulrike,Henning,Friederike,Jürgen,Svenja,Götz,Renate,Matthias,Änne,Dietmar,Rüdiger,Wiebke"),
		last:  list("Müller-Lohwald,Ahlers,Böttcher,Clausnitzer,Dörfler,Eichstädt,Füllgrabe,Großkopf,Hasselfeld,Jäger,Kühnemund,Lindenau,Möhring,Nußbaum,Oeding,Pfefferkorn,Rößler,Schönwald,Tannhof,von Wittstede"),
	}
}

func english() naming {
	return naming{
		first: list("Alice,Brendan,Chloe,Darnell,Esther,Finlay,Georgina,Harvey,Imogen,Jerome,Keisha,Liam,Maeve,Nathan,Odette,Preston,Rosalind,Sean,Tamsin,Wesley"),
		last:  list("Ashdown,Birchwood,Carraway,D'Arcy,Ellingham,Fairweather,Goldthorpe,Hathersage,Ironmonger,Kettlewell,Larkspur,MacAllan,Netherby,O'Brien,O'Shaughnessy,Penhallow,Quarmby,Ravensdale,St. Clair,Thistlewood,Underhay,Winterbourne"),
	}
}

func french() naming {
	return naming{
		first: list("Amélie,Benoît,Chloé,Désiré,Élodie,François,Gaëlle,Hélène,Jérôme,Léa,Maëlys,Noël,Océane,Rémi,Solène,Thibault,Zoé,Jean-Luc"),
		last:  list("d'Aubrac,Beauchêne,Chantereau,Desvignes,Évrard,Fontanelle,Grandpré,L'Hermitage,Lefèbvrier,Maisonneuve,Montrésor,Pâquerette,Rivaudière,Saint-Clément,Tourneçon,Vieuxchamp"),
	}
}

func swedish() naming {
	return naming{
		first: list("Åsa,Björn,Ebba,Göran,Håkan,Ingrid,Kjell,Linnéa,Måns,Östen,Saga,Torbjörn,Ulrika,Viktor,Ylva,Örjan"),
		last:  list("Ängsbacke,Björkdal,Dahlström,Ekensjö,Fågelvik,Granlöv,Hällefors,Lindåker,Måneskog,Norrgård,Östervik,Rönnäng,Sjöhage,Tallmyr,Ugglås,Åkervall"),
	}
}

func dutch() naming {
	return naming{
		first: list("Anouk,Bram,Daniëlle,Joost,Maaike,Niels,Roos,Sjoerd,Tijmen,Zoë"),
		last:  list("van den Akker,Beukenhorst,van 't Duin,Eikelenboom,ter Haerst,de Jongestee,van der Molenveld,Oosterdijk,Rietschans,Zonneveldt"),
	}
}

func spanish() naming {
	return naming{
		first: list("Álvaro,Begoña,Íñigo,José,Lucía,María,Núria,Óscar,Rocío,Tomás"),
		last:  list("Arroyo Peña,Cañizal,del Monte Río,Fuentenebro,Ibáñez Roble,Luján Sierra,Muñozal,Olivar,Quiñónez,Zúñiga Prado"),
	}
}

func italian() naming {
	return naming{
		first: list("Alessia,Beniamino,Cosimo,Donatella,Fabrizio,Giosuè,Ilaria,Niccolò,Ornella,Renzo"),
		last:  list("Acquaviva,Bellocampo,D'Ambrogio,Dell'Olmo,Fiorespino,Lo Verde,Montechiaro,Pratolungo,Roccaforte,Vallescura"),
	}
}

func polish() naming {
	return naming{
		first: list("Agnieszka,Bogusław,Błażej,Jadwiga,Łukasz,Małgorzata,Paweł,Świętosław,Wioletta,Żaneta"),
		last:  list("Brzozogaj,Dąbrowolski,Gołębczyk,Jesionkowa,Łąkocki,Niedźwiedziak,Ptaszyńczyk,Śnieżnicki,Wierzbogórski,Źródlak"),
	}
}

func japanese() naming {
	return naming{
		first:       list("健|Ken,美咲|Misaki,翔太|Shota,陽子|Yoko,大輔|Daisuke,さくら|Sakura,直樹|Naoki,恵|Megumi"),
		last:        list("佐藤|Sato,高橋|Takahashi,渡辺|Watanabe,小林|Kobayashi,山本|Yamamoto,中村|Nakamura,松田|Matsuda,石川|Ishikawa"),
		familyFirst: true,
	}
}

func indian() naming {
	return naming{
		first: list("Aarav,Deepika,Ishaan,Kavya,Lakshmi,Nikhil,Priyanka,Rohan,Shreya,Vikram"),
		last:  list("Bhaskaran,Chandrasekhar,Deshpandey,Iyengaran,Kulkarniwala,Mukherji,Nambooran,Raghunathan,Subramanyan,Venkatesan"),
	}
}

func brazilian() naming {
	return naming{
		first: list("Antônio,Beatriz,Caetano,Conceição,Inês,João,Luísa,Sebastião"),
		last:  list("Alvorada,Araújo Campos,Brandão,da Conceição,Guimarães Rosado,Montanhês,Simões,Verão"),
	}
}

// split parts a "native|latin" name; a name without a bar is both.
func split(name string) (native, latin string) {
	native, latin, found := strings.Cut(name, "|")
	if !found {
		latin = native
	}
	return native, latin
}

// address writes a name with the letters and dots a mail address allows.
func address(latin string) string {
	ascii := strings.NewReplacer(
		"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "å", "a", "á", "a", "â", "a", "ã", "a", "ą", "a",
		"ç", "c", "ć", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "ę", "e", "í", "i", "î", "i", "ł", "l",
		"ñ", "n", "ń", "n", "ó", "o", "ò", "o", "ô", "o", "õ", "o", "ś", "s", "ú", "u", "ù", "u", "ż", "z", "ź", "z",
		"'", "", ". ", "", " ", "",
	)
	return ascii.Replace(strings.ToLower(latin))
}
