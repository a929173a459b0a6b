#!/usr/bin/env bash
# The crate alipay-rs 0.4.6 signs requests with dates that are not today's, and that no calendar has.
#
# Input: alipay.trade.query, made at four times of a host whose clock is right. Alipay wants the time of Beijing,
#        UTC+8, as yyyy-MM-dd HH:mm:ss.
# Expected: that time.
# Seen:  right at 23:30 only. From midnight to 08:00 in Beijing the date is that of the day before: the day is
#        counted in UTC, and the hour in UTC+8. On 31 December it is 00 January of the next year. The leap year is
#        taken to be the one behind it: 2028 has no 29 February, and each date from then on is one day late until
#        the next year has had its own.
#
# The clock is that of a small library that stands in front of the system's. Where OpenSSL is installed for
# programs, it is not compiled anew.
#
# Exit status: 0 it is still so, 1 it is not, 2 the packages cannot be had.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "dated"
version = "0.0.0"
edition = "2021"

[dependencies]
alipay-rs = "=0.4.6"
TOML
cat >src/main.rs <<'RS'
use alipay_rs::{Cli, Client};

fn main() {
    let pem = std::fs::read_to_string("app.pem").unwrap();
    let key: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let client = Client::new("2014072300007148", "", &key, None, None, false);
    let request = client.generate_url_data("alipay.trade.query", ()).unwrap();
    println!("{}", request.iter().find(|(name, _)| name == "timestamp").unwrap().1);
}
RS
cat >clock.c <<'C'
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    (void)clock;
    now->tv_sec = atoll(getenv("NOW"));
    now->tv_nsec = 0;
    return 0;
}
C
openssl genrsa -traditional -out app.pem 2048 2>/dev/null
! pkg-config --exists openssl || export OPENSSL_NO_VENDOR=1
{ cc -shared -fPIC -o clock.so clock.c && CARGO_TARGET_DIR=target cargo build --quiet; } >built 2>&1 ||
    { cat built; exit 2; }
echo "alipay-rs 0.4.6, $(rustc --version)"

same=0
while IFS='|' read -r time expected; do
    now=$(TZ=UTC-8 date -d "$time" +%s)
    seen=$(NOW=$now LD_PRELOAD=$dir/clock.so target/debug/dated)
    echo "$time in Beijing: $seen"
    [ "$seen" = "$expected" ] || same=1
done <<'TIMES'
2026-11-30 23:30:00|2026-11-30 23:30:00
2026-12-01 00:30:00|2026-11-30 00:30:00
2026-12-31 12:00:00|2027-01-00 12:00:00
2028-02-29 12:00:00|2028-03-01 12:00:00
TIMES
exit $same
