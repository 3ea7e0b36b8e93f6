# Tab-separated facts to a page.
BEGIN {
  FS = "\t"
  print "<!doctype html>"
  print "<title>Hello from a two-stage image</title>"
  print "<h1>Hello from a two-stage image</h1>"
  print "<ul>"
}
{ printf "  <li><b>%s</b>: %s</li>\n", $1, $2 }
END { print "</ul>" }
