package table

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHDL(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"one object", "METADATA|PersonPhone|PersonNumber|PhoneType|CountryCodeNumber|AreaCode|PhoneNumber\nMERGE|PersonPhone|0042|W1|44|0121| 496 0001 \nMERGE|PersonPhone|7|M||| \n", `hdl ["Object" "PersonNumber" "PhoneType" "CountryCodeNumber" "AreaCode" "PhoneNumber"]
2: ["PersonPhone" "0042" "W1" "44" "0121" "496 0001"]
3: ["PersonPhone" "7" "M" "" "" ""]`},
		{"several objects", "\ufeffCOMMENT people\r\nSET PURGE_FUTURE_CHANGES N\r\n\r\nMETADATA|Worker|PersonNumber|StartDate\r\nMERGE|Worker|7|2020/01/01\r\nMETADATA|PersonEmail|EmailType|PersonNumber\r\nCOMMENT x\r\nMERGE|PersonEmail|H1|7\r\nMERGE|Worker|8|2021/01/01", `hdl ["Object" "PersonNumber" "StartDate" "EmailType"]
5: ["Worker" "7" "2020/01/01" ""]
8: ["PersonEmail" "7" "" "H1"]
9: ["Worker" "8" "2021/01/01" ""]`},
		{"declared again", "METADATA|P|A|B\nMERGE|P|1|2\nMETADATA|P|B\nMERGE|P|3\n", `hdl ["Object" "A" "B"]
2: ["P" "1" "2"]
4: ["P" "" "3"]`},
		{"escapes", `METADATA|P|A|B(SourceSystemId)` + "\n" + `MERGE|P|a\|b\\|c\nd` + "\n" + `MERGE|P|a\tb|c` + "\n" + `MERGE|P|a|b\` + "\n", `hdl ["Object" "A" "B(SourceSystemId)"]
2: ["P" "a|b\\" "c\nd"]
3! a backslash in field 3 escapes neither | nor n nor itself
4! a backslash in field 4 escapes neither | nor n nor itself`},
		{"bad lines", "METADATA|P|A|B\nMERGE|P|1\nMERGE|P|1|2|3\nMERGE|Q|1|2\nDELETE|P|1|2\nMERGE\nINSERT|P|1|2\nMERGE|P|\x00|2\nMERGE|P|\xff|2\nMERGE|P|" + strings.Repeat("x", maxCell+1) + "|2\n" + strings.Repeat("y", maxRecord+1) + "\nMERGE|P|1|2\n", `hdl ["Object" "A" "B"]
2! 3 fields where the METADATA line of the object has 4
3! 5 fields where the METADATA line of the object has 4
4! no METADATA line above declares the object
5! a DELETE line, which asks for nothing here
6! the line names no object
7! the line begins with no instruction of HCM Data Loader
8! the row holds a NUL byte
9! the row is not UTF-8
10! field 3 is larger than 64 KiB
11! the line is longer than 1 MiB
12: ["P" "1" "2"]`},
		{"bad declarations", "METADATA|P|A|A\nMERGE|P|1|2\nMETADATA|Q|B\nMERGE|Q|1\nMETADATA|Q|\xff\nMERGE|Q|1\n", `hdl ["Object" "A" "B"]
2! the METADATA line of the object names an attribute twice
4: ["Q" "" "1"]
6! no METADATA line above declares the object`},
		{"an attribute called like the first column", "METADATA|P|Object\nMERGE|P|x\n", `hdl ["Object" "Object"]
2: ["P" "x"]`},
		{"reserved characters of its own", "SET FILE_ESCAPE *\nMETADATA|P|A\nMERGE|P|x\n", "refused: line 1 sets reserved characters of its own, which is not supported | export it with | between the fields and \\ as the escape, without SET FILE_ lines"},
		{"pipes alone", "METADATA|\nMERGE|P|x\n", "hdl [\"Object\"]\n2! no METADATA line above declares the object"},
		{"no hdl", "MERGE|P|A\nMETADATA|P|A\n", "csv [\"MERGE\" \"P\" \"A\"]\n2: [\"METADATA\" \"P\" \"A\"]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, printed(t, strings.NewReader(test.in), Options{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
