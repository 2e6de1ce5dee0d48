/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a problem says over HTTP: no path of the station's, no command; else as it was written. */
#include "driver/daemon/http_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *sentence;
    int code;
    const char *said;
} words[] = {
    {"the plate p is recording: it cannot record now", PROBLEM_CODE_PLATE_RECORDING,
     "the plate p is recording: it cannot record now"},
    {"there is no plate of this name; /api/v1/plates lists them", 0,
     "there is no plate of this name; /api/v1/plates lists them"},
    {"3 km/h, left/right and 1 / 2 stay", 0, "3 km/h, left/right and 1 / 2 stay"},
    {"made by a newer tenderfoot; this one knows versions up to 3: update it", 0,
     "made by a newer tenderfoot; this one knows versions up to 3: update it"},
    {"/home/anna/data/inbox/a.tfr: its header is damaged; 'tenderfoot verify --repair' may help",
     PROBLEM_CODE_RECORDING_DAMAGED, "a.tfr: its header is damaged; a backup may have it whole"},
    {"there is no person pabcd in /home/anna/data; 'tenderfoot clients list' shows the ids",
     PROBLEM_CODE_PERSON_UNKNOWN, "there is no person pabcd in data; look for the person by name"},
    {"/var/lib/t is encrypted: give its key by --store-key FILE or --store-passphrase FILE (or "
     "$TENDERFOOT_STORE_KEY, $TENDERFOOT_STORE_PASSPHRASE)",
     PROBLEM_CODE_STORE_LOCKED, "t is encrypted; start the station with its key"},
    {"no press test without a screening of today: 'tenderfoot screen -o FILE', then --screening "
     "FILE",
     PROBLEM_CODE_NO_SCREENING,
     "no press test without a screening of today; ask the questions on the page"},
    {"the screening is of a, not of b: ask this person ('tenderfoot screen --person LABEL'), or "
     "take the label that belongs to the screening",
     PROBLEM_CODE_SCREENING_OF_ANOTHER,
     "the screening is of a, not of b: ask this person, or take the label that belongs to the "
     "screening; ask the questions on the page"},
    {"no permission to open /dev/ttyACM0; for a plate install the rule that gives it: tenderfoot "
     "devices --udev-rule | sudo tee /etc/udev/rules.d/70-tenderfoot.rules; for any serial port: "
     "sudo adduser anna dialout",
     PROBLEM_CODE_PLATE_FORBIDDEN,
     "no permission to open ttyACM0; the station's user needs the right to"},
    {"no plate at serial:/dev/ttyACM0 (No such file); 'tenderfoot devices' lists what can be "
     "reached",
     PROBLEM_CODE_PLATE_AWAY, "no plate at serial:ttyACM0 (No such file); look at its cable"},
    {"tool mat: no earlier test can be gone on with; leave --earlier out", 0,
     "tool mat: no earlier test can be gone on with"},
    {"--note: at most 16", 0, "note: at most 16"},
    {"take --force; it is closed", 0, "it is closed"},
    {"sudo x. y stays", 0, "y stays"},
    {" (--x); /a/; y stays", 0, "y stays"},
    {"; ; x", 0, "x"},
    {"'--ab; xx' is no id of a person: 'p' and 16 characters; 'tenderfoot clients list' shows the "
     "ids",
     PROBLEM_CODE_PERSON_UNKNOWN,
     "xx' is no id of a person: 'p' and 16 characters; look for the person by name"},
    {"'\xd0\xaf\xd0' is no id", 0, "'\xd0\xaf?' is no id"},
};

static void test_no_path_and_no_command_goes_over_http(void **state)
{
    char said[HTTP_WORDS_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        http_words(words[i].sentence, words[i].code, said);
        assert_string_equal(said, words[i].said);
    }
    http_words("'tenderfoot x' does it", 0, said);
    assert_null(strstr(said, "tenderfoot "));
    http_words("", 0, said);
    assert_string_equal(said, "");
}

static void test_a_long_sentence_ends_in_time(void **state)
{
    char sentence[2 * HTTP_WORDS_SIZE], said[HTTP_WORDS_SIZE];
    (void)state;
    for (const char *unit = "a/( '-;:"; *unit; unit++) {
        memset(sentence, *unit, sizeof sentence - 1);
        sentence[sizeof sentence - 1] = '\0';
        http_words(sentence, PROBLEM_CODE_NO_SCALE, said);
        assert_true(strlen(said) < HTTP_WORDS_SIZE);
    }
    memcpy(sentence, "'tenderfoot a", 13);
    http_words(sentence, PROBLEM_CODE_NO_SCALE, said);
    assert_true(strlen(said) < HTTP_WORDS_SIZE);
}

static void test_a_source_has_no_path(void **state)
{
    static const char *const sources[][2] = {
        {"virtual:/home/anna/normal.json?pace=2", "virtual:normal.json"},
        {"virtual:samples/normal.json", "virtual:normal.json"},
        {"virtual:normal.json?save=/home/a/b", "virtual:normal.json"},
        {"stream:/run/user/1000/plate", "stream:plate"},
        {"usb:TF-0001", "usb:TF-0001"},
        {"/home/anna/a.tfr", "a.tfr"},
        {"", ""},
    };
    char shown[HTTP_SOURCE_SIZE], longest[3 * HTTP_SOURCE_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        http_source(sources[i][0], shown);
        assert_string_equal(shown, sources[i][1]);
    }
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    http_source(longest, shown);
    assert_int_equal(strlen(shown), HTTP_SOURCE_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_path_and_no_command_goes_over_http),
        cmocka_unit_test(test_a_long_sentence_ends_in_time),
        cmocka_unit_test(test_a_source_has_no_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
