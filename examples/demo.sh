#!/bin/sh
# The whole tool in a minute, against the built-in sandbox: no token, no network.
set -eu
socsync="node $(dirname "$0")/../bin/socsync.js"
rm -rf demo && mkdir demo

echo "\$ socsync run --sandbox --ids examples/profiles.txt --scope all --transform demo --db demo/socsync.db"
$socsync run --sandbox --ids "$(dirname "$0")/profiles.txt" --scope all --transform demo --db demo/socsync.db
echo
echo "\$ socsync transform run --sandbox --db demo/socsync.db"
$socsync transform run --sandbox --db demo/socsync.db
echo
echo "\$ socsync jobs --db demo/socsync.db"
$socsync jobs --db demo/socsync.db
echo
echo "\$ socsync export all --format csv --out demo/csv --db demo/socsync.db"
$socsync export all --format csv --out demo/csv --db demo/socsync.db
$socsync export posts --format json --out demo/posts.json --db demo/socsync.db
echo
echo "\$ socsync report --out demo/report.html --db demo/socsync.db"
$socsync report --out demo/report.html --db demo/socsync.db
echo
echo "Try next:"
echo "  npx socsync status 3 --db demo/socsync.db"
echo "  npx socsync export comments --format jsonl --network youtube --db demo/socsync.db | head -3"
echo "  npx socsync networks"
