#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The recording reader can be embedded: it builds, links and reads a recording with nothing but
# firmware/wire beside it and no library but the C library, and all of it is MIT.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

files="driver/recording_reader.c driver/recording_seek.c driver/recording_writer.c driver/sync_folder.c
       driver/recording.h driver/recording_format.h driver/recording_private.h"
for f in $files firmware/wire/*.c firmware/wire/*.h; do
    head -n 1 "$f" | grep -q 'SPDX-License-Identifier: MIT' || { echo "$f is not MIT"; exit 1; }
done
echo "reader, writer and firmware/wire are MIT, file by file"

cat >"$dir/count.c" <<'C'
#include "driver/recording.h"
#include "firmware/wire/frame_codec.h"
#include <stdio.h>
int main(int argc, char **argv)
{
    struct problem why;
    struct recording *r = argc > 1 ? recording_open(argv[1], &why) : NULL;
    struct recording_item item;
    struct recording_summary s;
    if (!r)
        return 3;
    while (recording_next(r, &item, &why) > 0)
        ;
    recording_summary(r, &s);
    printf("%llu frames, closed cleanly: %d\n", (unsigned long long)s.frames.delivered,
           s.closed_cleanly);
    recording_close(r);
    return 0;
}
C
cc -std=c17 -D_GNU_SOURCE -I. -Wall -Wextra -Werror -o "$dir/count" "$dir/count.c" \
    driver/recording_reader.c driver/recording_seek.c firmware/wire/*.c
ldd "$dir/count" | grep -E 'gsl|fftw|jansson|cairo|pango' && { echo "links too much"; exit 1; }
echo "it links only the C library"

# A recording made from two pictures of 2 x 3 cells (NumPy's format, 12 little-endian shorts).
header="{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2, 3), }"
{
    printf "\\223NUMPY\\001\\000\\$(printf %03o "${#header}")\\000%s" "$header"
    for i in 0 1 2 3 4 5 6 7 8 9 10 11; do printf "\\$(printf %03o $i)\\000"; done
} >"$dir/two.npy"
"$BIN/tenderfoot" import "$dir/two.npy" -o "$dir/two.tfr" --pitch 5 --rate 100 >/dev/null
[ "$("$dir/count" "$dir/two.tfr")" = "2 frames, closed cleanly: 1" ]
"$dir/count" "$dir/two.npy" && { echo "a foreign file was read"; exit 1; }
echo "and it reads what the station wrote"
