package table

// headerRow finds the header among the first rows of a sheet that are not
// blank: the first of them, unless titles stand above it for certain. The rules
// are those of a text, whose rows say more about their width.
func headerRow(rows [][]string) int {
	if len(rows) < 3 || heads(rows, 0) && named(rows[0])*3 > widest(rows[1:]) {
		return 0
	}
	for header := 1; header < len(rows)-1 && header <= maxTitles; header++ {
		width := widest(rows[header+1:])
		if width < 3 || named(rows[header]) < width || !heads(rows, header) || !namesColumns(rows[header], rows[header+1:]) {
			continue
		}
		for _, above := range rows[:header] {
			if named(above) > max(1, width/3) {
				return 0
			}
		}
		return header
	}
	return 0
}

// heads reports whether nearly all rows below one are no wider than it.
func heads(rows [][]string, header int) bool {
	if named(rows[header]) < 2 {
		return false
	}
	agreeing, others := 0, 0
	for _, row := range rows[header+1:] {
		if len(row) <= len(rows[header]) {
			agreeing++
		} else {
			others++
		}
	}
	return agreeing > 0 && agreeing >= 4*others
}

// widest is the most cells that a row has; a sheet's rows end with the last
// cell that is not empty.
func widest(rows [][]string) int {
	width := 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	return width
}
