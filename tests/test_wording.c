/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words: what may not be printed is refused wherever it stands; what the chart, the disclaimer and
 * honest sentences say passes. (Evidence of random sessions: test_tenderness.) */
#include "analysis/wording.h"
#include "analysis/atlas/atlas.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void expect_refused(const char *text)
{
    struct problem why = {0};

    if (!wording_check(text, &why))
        fail_msg("'%s' was let through", text);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_true(strlen(why.text) > 10);
}

static void expect_fine(const char *text)
{
    struct problem why;

    if (wording_check(text, &why))
        fail_msg("%s", why.text);
}

/* The right column of the design's table of words, one by one. */
static void test_each_refused_word_is_refused(void **state)
{
    static const char *const words[] = {
        "your liver",      "liver problem",
        "liver is weak",   "inflamed",
        "diseased",        "blocked energy",
        "abnormal",        "positive",
        "overload injury", "you have flat feet",
        "pes planus",      "valgus deformity",
        "treats",          "cures",
        "detoxifies",      "improves immunity",
        "diabetes",        "ibuprofen",
        "hallux valgus",   "diagnosis",
    };

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char text[200];
        expect_refused(words[i]);
        snprintf(text, sizeof text, "On the left: %s, as seen.", words[i]);
        expect_refused(text);
        /* Capitals and line breaks do not hide it. */
        for (char *c = text; *c; c++)
            *c = (char)(*c == ' ' ? '\n' : *c >= 'a' && *c <= 'z' ? *c - 32 : *c);
        expect_refused(text);
    }
}

/* The articles' claims that may not be repeated as fact (8.2). */
static void test_each_claim_is_refused(void **state)
{
    static const char *const claims[] = {
        "Any disease of a particular organ can be detected by the sensitivity of a point",
        "any of their illnesses can be cured by ordinary pressure on a certain point of the foot",
        "heal your body",
        "Drug-free therapy",
        "it will not cause any harm",
        "harmless and effective procedure",
        "No complications of any kind",
        "scientifically proven",
        "salt crystals are removed",
        "toxins are eliminated",
        "fat is broken down",
        "even restore vision",
        "complete disappearance of pain syndrome",
        "correct the position of the bones",
        "elimination of foot defects",
        "a way to rejuvenation",
        "longevity",
        "weight loss",
        "pain in the heel means ovaries",
        "you should visit a gynecologist",
        "can be done by everyone, regardless of gender and age",
    };

    (void)state;
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
        expect_refused(claims[i]);
}

/* The left column, and words that only look like refused ones. */
static void test_honest_sentences_pass(void **state)
{
    static const char *const fine[] = {
        "zone traditionally associated with the liver (seeds 001, 003)",
        "pressure pain was reported at this place at 180 kPa, twice",
        "tender compared with the same place on the other foot",
        "load is higher on the right heel",
        "flat load pattern: more middle-foot contact than the reference",
        "inward-leaning load pattern",
        "the articles suggest, for relaxation",
        "if the complaint persists, see a doctor",
        "outside the plate: not measured",
        "N06 between toes 1 and 2, 3 cm up: outside the plate, not measured. P07 180 kPa",
        "the heel is healthy looking", /* not "heal" */
        "secure, accurate, curettage", /* not "cure" */
        "a composite position",        /* not "positive" */
        "Look ahead with your eyes open.",
        "does not diagnose or rule out any disease",
        "This is not a diagnosis.",
        "",
    };

    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        expect_fine(fine[i]);
    assert_int_equal(wording_check(NULL, NULL), 0);
    /* The allowed context does not open the door for the rest of the text. */
    expect_refused("It does not diagnose or rule out any disease. It is a diagnosis of gout.");
}

static void test_a_value_outside_the_plate_is_refused(void **state)
{
    (void)state;
    expect_refused("N03: 120 kPa");
    expect_refused("threshold at n09 = 80 kPa");
    expect_fine("SN03 120 kPa");
    expect_fine("N03: not measured; P07: 120 kPa");
    expect_fine("N010 120 kPa");
}

static void test_the_disclaimer_and_the_caveats_pass(void **state)
{
    char text[400];
    struct problem why;

    (void)state;
    expect_fine(wording_disclaimer);
    assert_non_null(strstr(wording_disclaimer, "does not diagnose or rule out any disease"));
    assert_int_equal(wording_caveat_count(), 16);
    assert_null(wording_caveat(-1));
    assert_null(wording_caveat(16));
    for (int i = 0; i < 16; i++) {
        snprintf(text, sizeof text, "The articles say: “%s” [%s].", wording_caveat(i)->quote,
                 wording_caveat(i)->cite);
        if (wording_check_sourced(text, &why))
            fail_msg("%s", why.text);
    }
}

/* A quotation is one only with its source behind it. */
static void test_quotations_need_their_source(void **state)
{
    struct problem why;

    (void)state;
    assert_int_equal(wording_check_sourced("“even restore vision” [001:47]", &why), 0);
    assert_int_equal(wording_check_sourced("“it cures” [001:47, 001:48] they say", &why), 0);
    assert_int_equal(wording_check_sourced("“even restore vision”", &why), -1);
    assert_int_equal(wording_check_sourced("“even restore vision” [somewhere]", &why), -1);
    assert_int_equal(wording_check_sourced("“fine” [001:47] and it cures", &why), -1);
    assert_int_equal(wording_check_sourced("“it cures [001:47]", &why), -1);
    assert_int_equal(wording_check_sourced("not with diabetes", &why), 0);
    assert_int_equal(wording_check_sourced("it cures diabetes", &why), -1);
    assert_int_equal(wording_check("“even restore vision” [001:47]", &why), -1);
}

static void test_every_text_of_the_chart_passes(void **state)
{
    struct problem why;
    struct atlas *atlas = atlas_load(NULL, &why);

    (void)state;
    assert_non_null(atlas);
    for (int i = 0; i < atlas_count(atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        char tradition[300];
        expect_fine(zone->name);
        expect_fine(zone->note);
        expect_fine(zone->organ_note);
        expect_fine(zone->surface);
        expect_fine(zone->side);
        expect_fine(zone->anchor_name);
        expect_fine(atlas_tradition(zone, tradition, sizeof tradition));
    }
    for (int i = 0; i < atlas_unlocated_count(atlas); i++) {
        expect_fine(atlas_unlocated(atlas, i)->organ);
        expect_fine(atlas_unlocated(atlas, i)->note);
    }
    for (int i = 0; i < atlas_conflict_count(atlas); i++) {
        const struct atlas_conflict *conflict = atlas_conflict(atlas, i);
        if (wording_check_sourced(conflict->topic, &why) ||
            wording_check_sourced(conflict->versions, &why) ||
            wording_check_sourced(conflict->resolution, &why))
            fail_msg("%s: %s", conflict->id, why.text);
    }
    atlas_free(atlas);
}

/* The caveats stand in the articles word by word. */
static void test_caveats_stand_in_the_articles(void **state)
{
    struct problem why;
    struct atlas *atlas = atlas_load(NULL, &why);

    (void)state;
    assert_non_null(atlas);
    for (int i = 0; i < wording_caveat_count(); i++) {
        const struct wording_caveat *caveat = wording_caveat(i);
        char path[200], *line = NULL;
        size_t room = 0;
        snprintf(path, sizeof path, "../shared/seeds/%s",
                 atlas_seed(atlas, atoi(caveat->cite))->file);
        FILE *file = fopen(path, "r");
        if (!file) {
            print_message("the articles are not here: caveats not compared\n");
            atlas_free(atlas);
            skip();
        }
        for (int n = atoi(caveat->cite + 4); n > 0; n--)
            assert_true(getline(&line, &room, file) >= 0);
        fclose(file);
        if (!strstr(line, caveat->quote))
            fail_msg("'%s' does not stand at %s", caveat->quote, caveat->cite);
        free(line);
    }
    atlas_free(atlas);
}

static void test_memory_that_fails_is_told(void **state)
{
    (void)state;
    for (long n = 1; n <= 2; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        assert_int_equal(wording_check_sourced("a fine text", &why), -1);
        assert_int_equal(failing_malloc_off(), 1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_refused_word_is_refused),
        cmocka_unit_test(test_each_claim_is_refused),
        cmocka_unit_test(test_honest_sentences_pass),
        cmocka_unit_test(test_a_value_outside_the_plate_is_refused),
        cmocka_unit_test(test_the_disclaimer_and_the_caveats_pass),
        cmocka_unit_test(test_quotations_need_their_source),
        cmocka_unit_test(test_every_text_of_the_chart_passes),
        cmocka_unit_test(test_caveats_stand_in_the_articles),
        cmocka_unit_test(test_memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
