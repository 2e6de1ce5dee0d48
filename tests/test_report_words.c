/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The languages of the report: catalogues that are whole, engine sentences turned into the other
 * language by their formats, and no English left in a German or Russian report. */
#include "analysis/atlas/atlas.h"
#include "analysis/plan/plan_rules.h"
#include "analysis/press/shift_watch.h"
#include "analysis/press/tender_next.h"
#include "analysis/press/tool.h"
#include "analysis/report/report.h"
#include "analysis/report/words_made.h"
#include "analysis/wording.h"
#include "tests/support/example_earlier.h"
#include "tests/support/failing_malloc.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

/* --- Catalogues ------------------------------------------------------------------------------- */

/* Forms of a translation that hold words; -1 when one is empty. */
static int forms_of(const char *translated, size_t n)
{
    int forms = 0;

    for (const char *form = translated; form <= translated + n; form += strlen(form) + 1) {
        if (!*form)
            return -1;
        forms++;
    }
    return forms;
}

static void catalogues_are_whole(void **state)
{
    (void)state;
    assert_int_equal(words_count(WORDS_GERMAN), words_count(WORDS_RUSSIAN));
    assert_true(words_count(WORDS_GERMAN) > 800);
    for (int i = 1; i < words_count(WORDS_GERMAN); i++) { /* the first is the head */
        size_t n[2];
        const char *to[2];
        const char *german = words_entry(WORDS_GERMAN, i, &to[0], &n[0]);
        const char *russian = words_entry(WORDS_RUSSIAN, i, &to[1], &n[1]);
        int is_plural = german[strlen(german) + 1] && forms_of(to[0], n[0]) > 1;
        assert_string_equal(german, russian);
        if (forms_of(to[0], n[0]) != (is_plural ? 2 : 1) ||
            forms_of(to[1], n[1]) != (is_plural ? 3 : 1))
            fail_msg("'%s' is not translated in each of its forms", german);
        if (isalpha((unsigned char)german[strlen(german) - 1]) == 0)
            continue;
        /* No blank is lost or won at the ends: sentences are joined as the English are. */
        for (int k = 0; k < 2; k++)
            if ((german[0] == ' ') != (to[k][0] == ' '))
                fail_msg("'%s' begins otherwise than '%s'", german, to[k]);
    }
}

/* --- Sentences of the engines ----------------------------------------------------------------- */

static const struct {
    const char *english, *german, *russian;
} made[] = {
    {"The plate has no calibration of its own: pressures are nominal.",
     "Die Platte hat keine eigene Kalibrierung: Drücke sind Nennwerte.",
     "У платформы нет своей калибровки: давления номинальные."},
    {"pressure pain in 2 of 2 presses, lower than at the same place on the other foot: 178 kPa "
     "here, no pain up to 357 kPa there (ratio below 0.50)",
     "Druckschmerz bei 2 von 2 Drücken, niedriger als im Vergleich: dieselbe Stelle am anderen "
     "Fuß: "
     "hier 178 kPa, dort kein Schmerz bis 357 kPa (Verhältnis unter 0,50)",
     "боль в 2 из 2 нажатий, при меньшем давлении, чем: то же место другой стопы: здесь 178 кПа, "
     "там боли нет до 357 кПа (отношение ниже 0,50)"},
    {"pressure pain was reported at this place at 171 kPa, in 1 of 1 press (1 pass); uncertain, "
     "repeat",
     "Druckschmerz wurde an dieser Stelle bei 171 kPa angegeben, bei 1 von 1 Druck (1 Durchgang); "
     "unsicher, wiederholen",
     "о боли в этом месте сообщалось при 171 кПа, в 1 из 1 нажатия (1 проход); не точно, "
     "повторить"},
    {"tender compared with other places of the ball: 120 kPa here, median 355 kPa of 7 places "
     "(ratio 0.34)",
     "druckempfindlich im Vergleich: andere Stellen des Bereichs Ballen: hier 120 kPa, Median 355 "
     "kPa von 7 Stellen (Verhältnis 0,34)",
     "чувствительно по сравнению: другие места области «плюсна»: здесь 120 кПа, медиана 355 кПа по "
     "7 местам (отношение 0,34)"},
    {"P07, left foot: for attention before and now; its threshold is 1.06 of what it was (0.69 to "
     "1.64): within the measuring error.",
     "P07, linker Fuß: vorher und jetzt zur Beachtung; ihre Schwelle ist das 1,06-fache von vorher "
     "(0,69 bis 1,64): innerhalb des Messfehlers.",
     "P07, левая стопа: отмечена раньше и теперь; порог составляет 1,06 от прежнего (от 0,69 до "
     "1,64): в пределах погрешности."},
    {"P07 left (ball behind the big toe, front part): thumb, press with small circles, "
     "counter-clockwise and gently, below pain: the place was painful; 1.5 min [001:465, 003:271] "
     "[001:453]",
     "P07 links (Ballen hinter der Großzehe, vorderer Teil): Daumen, mit kleinen Kreisen drücken, "
     "gegen den Uhrzeigersinn und sanft, unter der Schmerzgrenze: die Stelle schmerzte; 1,5 min "
     "[001:465, 003:271] [001:453]",
     "P07 левая (подушка за большим пальцем, передняя часть): большой палец, нажимать малыми "
     "кругами, против часовой стрелки и мягко, без боли: место было болезненным; 1,5 мин [001:465, "
     "003:271] [001:453]"},
    {"STOP: Q25 Alcohol today? yes. Another day. (K28)",
     "STOPP: Q25 Alkohol heute? ja. An einem anderen Tag. (K28)",
     "СТОП: Q25 Алкоголь сегодня? да. В другой день. (K28)"},
    {"left 282 N, right 248 N: symmetry index (left - right)/(left + right) +6.4 %, the plate's "
     "own "
     "measuring error of it is 1.7 % at 95 % (from a force error of 1.2 %), by \"measuring error "
     "at "
     "95 %\".",
     "links 282 N, rechts 248 N: Symmetrieindex (links - rechts)/(links + rechts) +6,4 %, der "
     "Messfehler der Platte dafür ist 1,7 % bei 95 % (aus einem Kraftfehler von 1,2 %), nach "
     "„Messfehler bei 95 %“.",
     "левая 282 Н, правая 248 Н: индекс симметрии (левая - правая)/(левая + правая) +6,4 %, "
     "погрешность платформы для него 1,7 % при 95 % (из погрешности силы 1,2 %), по «погрешность "
     "при 95 %»."},
    {"cells of 8.5 mm cannot tell P03 from P06 by load: read both as one",
     "Zellen von 8,5 mm können P03 nicht nach der Last von P06 unterscheiden: als eines lesen",
     "ячейки 8,5 мм не отличают P03 от P06 по нагрузке: читать как одну"},
    {"the left foot moved 14 mm and turned 3 deg", "der linke Fuß: bewegt um 14 mm, gedreht um 3°",
     "левая стопа: сдвиг 14 мм, поворот 3°"},
    {"0.21", "0,21", "0,21"}, /* a number alone */
    {"no such words", "no such words", "no such words"},
    {"Ann B. of 2.5", "Ann B. of 2.5", "Ann B. of 2.5"}, /* no sentence of ours: as it is */
};

static void engine_sentences_are_translated(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
        for (enum words_language l = 0; l < WORDS_LANGUAGES; l++) {
            struct text text = {0};
            const char *want = l == WORDS_ENGLISH  ? made[i].english
                               : l == WORDS_GERMAN ? made[i].german
                                                   : made[i].russian;
            words_use(l);
            text_add_made(&text, made[i].english);
            words_use(WORDS_ENGLISH);
            assert_false(text.failed);
            assert_string_equal(text_string(&text), want);
            text_free(&text);
        }
}

static void expect_in_russian(const char *english)
{
    struct text text = {0};

    if (!english)
        return;
    text_add_made(&text, english);
    for (const char *at = text_string(&text); *at; at++)
        if (isalpha((unsigned char)*at))
            fail_msg("'%s' stays English in '%s'", english, text_string(&text));
    text_free(&text);
}

static void expect_lines_in_russian(const struct plan_line *lines, int n)
{
    for (int i = 0; i < n; i++) {
        expect_in_russian(lines[i].words);
        expect_in_russian(lines[i].firm);
    }
}

/* A plan is handed to a person: each of its rules is in the catalogues (which have the same msgids;
 * in Russian no Latin letter is left). */
static void rules_of_the_plan_are_translated(void **state)
{
    (void)state;
    struct plan_rules *rules = plan_rules_load(NULL, NULL);
    assert_non_null(rules);
    words_use(WORDS_RUSSIAN);
    expect_lines_in_russian(rules->steps, rules->n_steps);
    expect_lines_in_russian(rules->sequence, rules->n_sequence);
    expect_lines_in_russian(rules->stages, rules->n_stages);
    const struct plan_line *const others[] = {
        &rules->painful,    &rules->relax,       &rules->pain_stays, &rules->calming,
        &rules->once_a_day, &rules->stimulating, &rules->mat,        &rules->flat_foot_advice};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        expect_lines_in_russian(others[i], 1);
    for (int i = 0; i < rules->n_courses; i++)
        expect_in_russian(rules->courses[i].words);
    for (int i = 0; i < rules->n_zones; i++) {
        expect_in_russian(rules->zones[i].group);
        expect_in_russian(rules->zones[i].finger);
        expect_in_russian(rules->zones[i].words);
        expect_in_russian(rules->zones[i].firm);
    }
    words_use(WORDS_ENGLISH);
    plan_rules_free(rules);
}

/* What weight shifts and a mat tell is made of pieces, in many forms. */
static void whole_feet_are_told_in_russian(void **state)
{
    static const struct shift_told told[] = {
        {.shifts = 0},
        {3, 3, 2, 483, 102, 500, 90, 0},
        {1, 1, 1, 483, 102, NAN, NAN, 1},
        {2, 1, 0, NAN, NAN, 531, 66, 0},
        {2, 0, 0, NAN, NAN, 531, 66, 0},
        {1, 0, 0, NAN, NAN, 531, 66, 0},
    };
    static const enum tool_kind kinds[] = {TOOL_MAT, TOOL_FLAT};
    struct atlas *atlas = atlas_load(NULL, NULL);
    char words[240];
    (void)state;
    assert_non_null(atlas);
    words_use(WORDS_RUSSIAN);
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        for (size_t i = 0; i < sizeof told / sizeof *told; i++)
            for (int region = 0; region < SHIFT_REGIONS; region++) {
                shift_told_words(&told[i], (enum side)side, (enum shift_region)region, words,
                                 sizeof words);
                expect_in_russian(words);
            }
        for (int i = 0; i < 6; i++) {
            const struct stud_next next = {.zone = atlas_find(atlas, "P01"),
                                           .side = (enum side)side,
                                           .tool_kind = kinds[i / 3],
                                           .suspected = 2,
                                           .answers = 3,
                                           .others = i % 3,
                                           .kpa = 213};
            tender_next_words(&next, words, sizeof words);
            assert_memory_equal(words, "P01, ", 5);
            expect_in_russian(words + 3);
        }
    }
    expect_in_russian("a low-pass at 10 Hz needs more than 20 samples a second, here are 10");
    expect_in_russian("Not tested with a stud, weight shifts only");
    words_use(WORDS_ENGLISH);
    atlas_free(atlas);
}

/* A file may hold any sentence: none takes long, and none loses memory. */
static void hostile_sentences_end(void **state)
{
    (void)state;
    char text[301];
    static const char *const pieces[] = {
        "tender compared with ", ", ", "; ", "left ", "? ", "%s%s", "0.5 to ", ": "};

    for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
        struct text out = {0};
        size_t n = strlen(pieces[p]);
        for (size_t i = 0; i + 1 < sizeof text; i++)
            text[i] = pieces[p][i % n];
        text[sizeof text - 1] = '\0';
        words_use(WORDS_RUSSIAN);
        text_add_made(&out, text);
        words_use(WORDS_ENGLISH);
        assert_true(out.n > 0);
        text_free(&out);
    }
}

static void memory_may_fail_at_any_place(void **state)
{
    (void)state;
    long n = 1;
    for (;; n++) {
        struct text text = {0};
        words_use(WORDS_GERMAN);
        failing_malloc_at(n);
        text_add_made(&text, made[5].english);
        int failed = failing_malloc_off();
        words_use(WORDS_ENGLISH);
        assert_int_equal(text.failed, failed);
        text_free(&text);
        if (!failed)
            break;
    }
    assert_true(n > 2);
}

/* --- Whole reports ---------------------------------------------------------------------------- */

/* Names and references that are the same in each language. */
static const char *const names[] = {
    "tenderfoot", "JSON",        "atlas",       "screen",   "list",     "UTC",     "Client",
    "virtual",    "plate",       "txt",         "CPEI",     "JCGM",     "Guide",   "the",
    "expression", "uncertainty", "measurement", "expanded", "Cavanagh", "Rodgers", "Iiboshi",
    "Foot",       "Ankle",       "STOP",        "Res",      "bare",
};

static int is_name(const char *word, size_t n)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == n && !strncmp(names[i], word, n))
            return 1;
    return 0;
}

/* The first run of three Latin letters or more that is no name, or NULL. */
static const char *latin_word(const char *text)
{
    for (const char *at = text; *at;) {
        size_t n = 0, token = 0;
        while (isalnum((unsigned char)at[token]) || (at[token] && strchr("_-", at[token])))
            token++;
        while (isalpha((unsigned char)at[n]))
            n++;
        int is_code = token > n; /* "TF-000123", "96x96" */
        if (n >= 3 && !is_code && !is_name(at, n))
            return at;
        at += token ? token : 1;
    }
    return NULL;
}

/* "of", "is" and the like: words that German does not have. */
static const char *english_word(const char *text)
{
    static const char *const words[] = {" of ",   " the ",  " is ",   " are ", " and ",   " with ",
                                        " not ",  " than ", " foot ", " no ",  " press ", " place ",
                                        " this ", " by ",   " from ", " to "};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        for (const char *at = strstr(text, words[i]); at; at = strstr(at + 1, words[i])) {
            const char *from = at - text > 60 ? at - 60 : text;
            if (!strstr(from, "JCGM") || strstr(from, "JCGM") > at + 60)
                return at;
        }
    return NULL;
}

static void flatten(struct text *text)
{
    size_t to = 0;

    for (size_t i = 0; i < text->n; i++) {
        char c = (char)(isspace((unsigned char)text->bytes[i]) ? ' ' : text->bytes[i]);
        if (c != ' ' || !to || text->bytes[to - 1] != ' ')
            text->bytes[to++] = c;
    }
    text->bytes[to] = '\0';
    text->n = to;
}

/* Msgids of three words or more may not stand in the report, unless their translation holds them.
 */
static void expect_no_msgid(const char *text, enum words_language l, const char *of)
{
    for (int i = 1; i < words_count(l); i++) {
        size_t n;
        const char *to, *id = words_entry(l, i, &to, &n), *blank = strchr(id, ' ');
        if (!blank || !strchr(blank + 1, ' ') || strchr(id, '%') || strstr(to, id))
            continue;
        if (strstr(text, id))
            fail_msg("%s in %s says: %s", of, words_code(l), id);
    }
}

static void expect_translated(const struct result *result, const struct report_options *how,
                              const char *of)
{
    struct text text;
    struct problem why;

    assert_int_equal(report_text(result, how, &text, NULL), 0);
    flatten(&text);
    const char *found =
        how->language == WORDS_RUSSIAN ? latin_word(text.bytes) : english_word(text.bytes);
    if (found)
        fail_msg("%s in %s: ...%.60s", of, words_code(how->language), found);
    expect_no_msgid(text.bytes, how->language, of);
    if (wording_check_in(words_code(how->language), text.bytes, &why))
        fail_msg("%s in %s: %s", of, words_code(how->language), why.text);
    text_free(&text);
}

static void stand_with_eyes_closed(struct result *result)
{
    free(result->facts.protocol);
    result->facts.protocol = strdup("sway_eyes_closed");
    assert_non_null(result->facts.protocol);
}

/* Closed over open: 9.4 mm/s over half of it, and each number as it was measured. */
static void a_romberg_quotient_is_told(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_TENDER);
    struct example_earlier *earlier = example_earlier(result, EXAMPLE_NOTHING_TENDER);
    struct visit_sway *open = malloc(sizeof *open);
    struct text text;
    assert_true(earlier && open);
    *open = earlier->sway;
    open->result.distances[SWAY_RD].mean_velocity_mm_s /= 2;
    open->error.of[SWAY_VELOCITY_RD].se /= 2;
    struct report_options how = {
        .software_version = "0.1.0", .sway = &earlier->sway, .other_eyes = open};
    assert_int_equal(report_text(result, &how, &text, NULL), 0);
    assert_null(strstr(text.bytes, "Romberg")); /* it does not say which it is */
    text_free(&text);
    stand_with_eyes_closed(result);
    how.person = "Petra Muster";
    assert_int_equal(report_text(result, &how, &text, NULL), 0);
    flatten(&text);
    assert_non_null(strstr(text.bytes, "Petra Muster"));
    assert_non_null(strstr(text.bytes, "standing, eyes closed"));
    assert_non_null(strstr(text.bytes, "2.00; open 4.7 mm/s, closed 9.4 mm/s"));
    /* 2 exp(-+1.96 sqrt(2) 0.11) */
    assert_non_null(strstr(text.bytes, "within the stands is 1.47 to 2.71"));
    text_free(&text);
    free(open);
    example_earlier_free(earlier);
    result_free(result);
}

static void no_english_is_left(void **state)
{
    (void)state;
    for (enum words_language l = WORDS_GERMAN; l < WORDS_LANGUAGES; l++)
        for (enum example which = 0; which < EXAMPLE_COUNT; which++) {
            struct result *result = example_result(which);
            struct report_options how = {.software_version = "0.1.0", .language = l};
            assert_non_null(result);
            expect_translated(result, &how, example_name(which));
            if (which == EXAMPLE_TENDER) {
                struct example_earlier *earlier = example_earlier(result, EXAMPLE_NOTHING_TENDER);
                assert_non_null(earlier);
                how.sway = &earlier->sway;
                how.earlier = &earlier->comparison;
                expect_translated(result, &how, "tender, compared");
                stand_with_eyes_closed(result);
                how.other_eyes = &earlier->sway;
                expect_translated(result, &how, "tender, with Romberg's quotient");
                example_earlier_free(earlier);
            }
            result_free(result);
        }
}

/* The test itself: English in a report of another language is seen. */
static void english_would_be_seen(void **state)
{
    (void)state;
    assert_non_null(latin_word("Стопа left правая"));
    assert_null(latin_word("Стопа P07, TF-000123, 96x96, 5 мм, tenderfoot atlas"));
    assert_non_null(english_word("Der Abdruck of Fuß"));
    assert_null(english_word("Der Abdruck des Fußes"));
}

/* --- The sections ----------------------------------------------------------------------------- */

static void expect_in_order(const char *text, const char *const *parts, size_t n)
{
    const char *at = text;

    for (size_t i = 0; i < n; i++) {
        const char *found = strstr(at, parts[i]);
        if (!found)
            fail_msg("'%s' does not follow '%s'", parts[i], i ? parts[i - 1] : "the beginning");
        at = found;
    }
}

static void sections_come_in_their_order(void **state)
{
    (void)state;
    static const char *const parts[] = {"Summary",
                                        "Quality",
                                        "\nLoad\n",
                                        "\nTender zones",
                                        "\nSway of the centre of pressure",
                                        "168 (134 to 210)",
                                        "Standing still from 3.0 to 28.5 s",
                                        "\nCompared with an earlier recording",
                                        "Before: 2026-02-04 09:10 UTC",
                                        "→ 2.05 mm",
                                        "\nMassage plan",
                                        "\nHow it was pressed",
                                        "\nRecording",
                                        "\nNot a medical device."};
    struct result *result = example_result(EXAMPLE_TENDER);
    struct example_earlier *earlier = example_earlier(result, EXAMPLE_NOTHING_TENDER);
    struct report_options how = {
        .software_version = "0.1.0", .sway = &earlier->sway, .earlier = &earlier->comparison};
    struct text text;

    assert_int_equal(report_text(result, &how, &text, NULL), 0);
    expect_in_order(text.bytes, parts, sizeof parts / sizeof parts[0]);
    text_free(&text);
    example_earlier_free(earlier);
    result_free(result);
}

/* With all sections and in each language: at most three pages, nothing cut or covered. */
static void full_pages_hold_together(void **state)
{
    (void)state;
    static const enum example which[] = {EXAMPLE_TENDER, EXAMPLE_CROWDED, EXAMPLE_ONE_FOOT};
    for (size_t i = 0; i < sizeof which / sizeof which[0]; i++) {
        struct result *result = example_result(which[i]);
        struct example_earlier *earlier = example_earlier(result, EXAMPLE_NOTHING_TENDER);
        assert_non_null(earlier);
        for (enum words_language l = 0; l < WORDS_LANGUAGES; l++) {
            struct report_options how = {.software_version = "0.1.0",
                                         .language = l,
                                         .sway = &earlier->sway,
                                         .earlier = &earlier->comparison};
            struct report_check check;
            struct report_pages pages;
            assert_int_equal(report_render_pages(result, &how, REPORT_PDF, &pages, &check, NULL),
                             0);
            if (check.pages > REPORT_PAGES_MAX || check.outside || check.overlapping || check.cut)
                fail_msg("%s in %s: %d pages, %d outside, %d overlapping, %d cut (%s)",
                         example_name(which[i]), words_code(l), check.pages, check.outside,
                         check.overlapping, check.cut, check.first_cut);
            report_pages_free(&pages);
        }
        example_earlier_free(earlier);
        result_free(result);
    }
}

/* lang, title and pictures' words are the report's language; no address outside of the file. */
static void html_is_of_its_language(void **state)
{
    (void)state;
    static const char *const want[WORDS_LANGUAGES][4] = {
        {"<html lang=\"en\">", "<title>Load and tenderness of the feet</title>",
         "aria-label=\"page 1 of 2, in words below\"", "<h2>Summary</h2>"},
        {"<html lang=\"de\">", "<title>Fußbelastung und Empfindlichkeit</title>",
         "aria-label=\"Seite 1 von ", "<h2>Zusammenfassung</h2>"},
        {"<html lang=\"ru\">", "<title>Нагрузка и чувствительность стоп</title>",
         "aria-label=\"страница 1 из ", "<h2>Кратко</h2>"}};
    struct result *result = example_result(EXAMPLE_TENDER);
    for (enum words_language l = 0; l < WORDS_LANGUAGES; l++) {
        struct report_options how = {.software_version = "0.1.0", .language = l};
        struct text html;
        assert_int_equal(report_render(result, &how, REPORT_HTML, &html, NULL, NULL), 0);
        for (int i = 0; i < 4; i++)
            if (!strstr(html.bytes, want[l][i]))
                fail_msg("%s: no %s", words_code(l), want[l][i]);
        assert_null(strstr(html.bytes, "src=\"http"));
        assert_null(strstr(html.bytes, "@import"));
        assert_null(strstr(html.bytes, "<link"));
        text_free(&html);
    }
    result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogues_are_whole),
        cmocka_unit_test(engine_sentences_are_translated),
        cmocka_unit_test(rules_of_the_plan_are_translated),
        cmocka_unit_test(whole_feet_are_told_in_russian),
        cmocka_unit_test(hostile_sentences_end),
        cmocka_unit_test(memory_may_fail_at_any_place),
        cmocka_unit_test(english_would_be_seen),
        cmocka_unit_test(no_english_is_left),
        cmocka_unit_test(a_romberg_quotient_is_told),
        cmocka_unit_test(sections_come_in_their_order),
        cmocka_unit_test(full_pages_hold_together),
        cmocka_unit_test(html_is_of_its_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
