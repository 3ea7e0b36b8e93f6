# shellcheck shell=sh
# The application: reads its data from beside itself and greets whom it finds.
while read -r name; do
  echo "$GREETING, $name"
done < names.txt
