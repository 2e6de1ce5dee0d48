/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of an analysis: plain data that report, export and JSON read and nobody changes.
 *
 * A number that cannot be had is NAN, and the `reason` beside it says why. Strings are owned by the
 * result. SCHEMA.md defines each number. Made by analyzer_finish, freed by result_free. */
#ifndef TENDERFOOT_ANALYSIS_RESULT_H
#define TENDERFOOT_ANALYSIS_RESULT_H

#include "analysis/atlas/atlas.h"
#include "analysis/foot/foot_reach.h"
#include "analysis/foot/foot_frame.h"
#include "analysis/grid.h"
#include "analysis/foot/guide_lines.h"
#include "analysis/patterns.h"
#include "analysis/print/print_numbers.h"

#include <stdint.h>

struct load_numbers;
struct track;
struct load_whole;
struct walk_result;

enum region_id { REGION_G1, REGION_G2, REGION_G3A, REGION_G3B, REGION_G4, REGION_COUNT };

enum zone_state {
    STATE_MEASURED,           /* pain was answered: threshold_kpa */
    STATE_NO_PAIN_TO_CEILING, /* pressed, no answer: at least threshold_kpa (censored) */
    STATE_NO_CONTACT,         /* load only: nothing touched the plate here, and no press */
    STATE_NOT_TESTED,
    STATE_EXCLUDED,         /* by the screening */
    STATE_EXCLUDED_BY_HAND, /* a wart or joint that the operator noted, and no press */
    STATE_STOPPED,
    STATE_UNCERTAIN, /* pressed, but place or repeats do not carry a result */
    STATE_OUTSIDE_PLATE,
    STATE_COUNT
};
const char *zone_state_name(enum zone_state state); /* "no_pain_to_ceiling" ... */
/* Left out on purpose, whoever said so. */
int zone_state_is_excluded(enum zone_state state);

/* Why a zone is uncertain. */
enum uncertain {
    UNCERTAIN_NOT, /* or nobody said why */
    UNCERTAIN_PRESSED_ONCE,
    UNCERTAIN_ANSWERS_DIFFER,
    UNCERTAIN_NO_PRESS_COUNTS,
    UNCERTAIN_PLACE_NOT_KNOWN, /* of a press on this foot that may have been here */
    UNCERTAIN_PARTS_OPEN,      /* a union: its parts are not all told, or not for one reason */
    UNCERTAIN_SHIFTS_ONLY,
    UNCERTAIN_COUNT
};
const char *uncertain_name(enum uncertain why);  /* "pressed_once"; "" of UNCERTAIN_NOT */
const char *uncertain_words(enum uncertain why); /* a sentence; likewise */

enum flag_level { FLAG_NONE, FLAG_WATCH, FLAG_ATTENTION, FLAG_BOTH_SIDES };
const char *
flag_level_name(enum flag_level level); /* "attention", "watch", "sensitive on both sides" */

/* Steps of the protocol; load numbers come from the first two. */
enum step { STEP_STAND, STEP_WALK, STEP_PRESS, STEP_OTHER };

struct frame_series {
    size_t n;
    uint64_t first_us; /* device time of the first frame, where time_s is 0 */
    double *time_s, *force_n, *cop_x_mm, *cop_y_mm, *area_cm2, *peak_kpa;
    uint8_t *step; /* enum step that held when the frame came */
};

struct region_result {
    double load_percent, force_n, peak_kpa, mean_kpa, area_cm2, pti_kpa_s;
};

#define EVIDENCE_TEXT_MAX 200
struct evidence {
    char text[EVIDENCE_TEXT_MAX]; /* in the words of reflexology 8.3 */
};

/* What the place of a press in the foot frame was told by. */
enum place_from {
    PLACE_UNKNOWN,
    PLACE_FROM_CUP,   /* the annotated heel cup */
    PLACE_FROM_PRINT, /* the heel's (and forefoot's) own print beside the stud */
    PLACE_FROM_POSE,  /* a pose held from an earlier phase: nothing else touched */
    PLACE_FROM_ZONES  /* mat or bare plate: no single place; result->press_zones */
};

/* Of a mat, studs that may have given the answer, the one with the most force first. */
#define PRESS_STUDS_MAX 8
struct press_stud {
    struct point stud;
    struct uv place;   /* NAN when the foot's pose is unknown */
    double share, kpa; /* of the force of all studs under the foot; at its tip */
};

/* One press, as found in the recording and placed by its annotation. */
struct press {
    int number, pass, is_catch; /* pass 0: not stated */
    int session;                /* 0: this recording; 1...: earlier ones, newest first */
    char aim[16];               /* zone that the operator aimed at, as annotated; "" */
    int is_tap;                 /* quick touch for the reaction time: no press of the test */
    int tool_kind;              /* enum tool_kind */
    int scale;                  /* 0..4 as said after it; -1: not asked */
    int told_after;             /* standing: pain was told by the scale, not by the button: at no
                                   more than what was borne */
    char shift_region[16];      /* bare plate: where weight was wanted (shift_region.h); "" */
    int shift_reached; /* it bore what was wanted, as the guided test saw it; -1 not said */
    int held;          /* the foot's pose was held from an earlier phase */
    enum place_from place_from;
    double place_sd_mm; /* standard error of the place, each way; NAN when it is unknown */
    double own_sd; /* of ln kPa, of this press alone: reaction, ramp, plate, stud; NAN: no rise */
    double ache_kpa, pain_kpa; /* first ache (scale 2), first pain (3, 4, or not asked); NAN */
    double lift_s;   /* from nine tenths of the peak to a tenth; NAN when its end was not seen */
    int rate_is_odd; /* the ramp was outside of the wanted 30 to 50 kPa/s */
    struct press_stud studs[PRESS_STUDS_MAX];
    int n_studs;
    enum side side;
    struct point stud; /* plate frame */
    struct uv place;   /* foot frame; NAN when the annotation is missing */
    int place_known, answered, stopped, reached_ceiling;
    double start_s, answer_s, end_s;
    double peak_kpa;   /* highest tip pressure */
    double answer_kpa; /* at the button, corrected for reaction time; NAN without answer */
    double ramp_kpa_s, ceiling_kpa, tip_cm2;
    double zero_n; /* read under the stud before the ramp began; NAN without a frame there */
    int doubtful;  /* its pressure or its answer cannot be relied on; `doubt` says why */
    char doubt[120];
};

/* A place that a single stud pressed, and what it told; sound presses only. */
struct place_result {
    enum side side;
    struct uv at;               /* foot frame, mean of its presses */
    double sd_mm;               /* standard error of that, each way */
    char aim[16];               /* zone aimed at, as annotated; "" */
    double tip_cm2, ramp_kpa_s; /* of its first press; median */
    int presses, answers;
    double kpa, low_kpa, high_kpa; /* its threshold with 95 % interval; NAN */
    int is_bound; /* known from below only: no pain was answered, or the model puts it above
                     everything that was pressed */
};

/* A press with a mat or on the bare plate credits no single place: what a zone got of it. */
struct press_zone {
    int press; /* index into presses */
    enum side side;
    const struct atlas_zone *zone;
    double weight; /* 0..1: share of the force that could have been felt */
    double kpa;    /* mat: at the zone's hardest pressed tip; flat: mean of its cells in contact */
};

/* What the region that weight was shifted onto bore (analysis/press/shift_watch.h): at the answer,
 * else the most. */
struct shift_load {
    int press; /* index into presses */
    enum side side;
    int region;                      /* enum shift_region */
    double force_n, share, mean_kpa; /* on it; of all force on the plate; of its cells in contact */
};

/* A zone to press with a single stud next, after a mat or weight shifts
 * (analysis/press/tender_next.h). */
struct stud_next {
    const struct atlas_zone *zone;
    enum side side;
    int tool_kind;          /* TOOL_MAT or TOOL_FLAT: what was answered */
    int answers, suspected; /* answers of pain on this foot; those that may have been here */
    int others;             /* zones of this foot that are suspected as well */
    double kpa;             /* the least it bore at such an answer */
};

/* Signs of behaviour (analysis/press/signs.h): they support an answer, and flag nothing alone. */
enum sign_kind { SIGN_GUARDING, SIGN_WITHDRAWAL, SIGN_REDUCED_HEEL };
struct behaviour_sign {
    enum sign_kind kind;
    enum side side;
    const struct atlas_zone *zone; /* NULL: the heel as a whole, or a press without a zone */
    int press;                     /* index into presses; -1: standing or walking */
    double time_s;                 /* NAN: the whole step */
    /* Guarding and heel: ln share of the foot's force. Withdrawal: standing, share of the zone's
     * mean force; pressed (press >= 0), 1 / s of the lift. */
    double value, expected, sd;
    double z; /* how far beyond what scatter and plate explain */
    char text[200];
};

/* What the operator said, from the annotations; made by press_finder_finish, plain memory. */
enum note_kind { NOTE_TEXT, NOTE_CALLUS, NOTE_NODULE, NOTE_WART, NOTE_JOINT };
struct operator_note {
    enum note_kind kind;
    enum side side;
    struct uv place; /* NAN when not stated */
    char text[120];
    double radius_mm; /* of what may not be pressed; 0 or NAN when not stated */
};
struct zone_exclusion {
    char zone_id[16];
    enum side side; /* SIDE_UNKNOWN = both */
    char why[120];
};
/* What the recording says of the screening before it (annotation `screening`). */
struct screening_line {
    char question[8], effect[12]; /* "Q19", "AVOID"; "" = not stated */
    enum side side;               /* SIDE_UNKNOWN = both */
    char words[240];              /* as kept in the recording: with sources, may name conditions */
};
struct screening_said {
    int was_asked;                /* 0: the recording carries none */
    char date[32];                /* when it was asked; "" */
    struct screening_line *lines; /* owned; each thing that an answer forbids or asks to heed */
    int n_lines;
};
struct stop_wish {
    enum side side; /* SIDE_UNKNOWN = both */
    double time_s;
    char why[120];
};
#define TOLD_BY_SEVERAL (-1)
enum stated_sex { STATED_SEX_UNKNOWN, STATED_FEMALE, STATED_MALE };

struct zone_result {
    const struct atlas_zone *zone; /* of the atlas in the result */
    enum side side;
    enum zone_state state;
    enum uncertain uncertain; /* with STATE_UNCERTAIN */
    int approximate;          /* the anchor landmark is a fallback */
    double place_quality;     /* the worst of its landmarks, 0..1; NAN outside the plate */
    double contact_cm2, contact_share, mean_kpa, peak_kpa, load_percent, pti_kpa_s;
    double threshold_kpa;    /* of its telling place (threshold_fit), or the censored bound; NAN */
    int told_by;             /* that place: an index into result->places, plus 1; 0 = none, or
                                TOLD_BY_SEVERAL: the median over places that do not compare */
    int threshold_is_beyond; /* answered, and above all that was pressed: threshold_kpa was borne */
    double threshold_low_kpa, threshold_high_kpa; /* its 95 % interval; NAN without answers */
    /* Against the same place of the other foot, the person's side bias taken off, with 95 %
     * interval; ratio_is_bound: the other foot bore all, the ratio is below this. NAN. */
    double ratio, ratio_low, ratio_high;
    int ratio_is_bound;
    double expected_kpa;  /* by the other foot and the region, if it is not tender; NAN */
    int repeats, answers; /* presses credited to the zone, and how many were answered */
    int spots;            /* soundly pressed, apart from each other; 0 = none, or by parts only */
    int by_shifts_only;   /* ... and they were weight shifts on the bare plate: no stud was here */
    enum flag_level flag;
    struct evidence *evidence;
    int n_evidence;
};

struct foot_result {
    int has_load; /* 0: a template foot for the press test; all load numbers are NAN, mask empty */
    enum side side;
    double side_confidence; /* 0.5 undecided .. 1 */
    char side_reason[120];
    struct foot_frame frame;
    struct landmarks landmarks;
    struct guide_lines lines;
    int length_is_measured;
    int axis_given, length_given; /* 1: set by the operator */
    double length_mm, angle_deg;  /* NAN with reason when the print does not allow it */
    char length_reason[120];
    struct foot_reach reach; /* how far ahead zones may be told from presses */
    double force_n, load_percent, area_cm2, peak_kpa;
    struct point cop;
    struct region_result regions[REGION_COUNT];
    struct zone_result *zones; /* each plantar zone of the atlas, then the others */
    int n_zones;
    double masked_area_cm2;      /* of faulty cells under it, which read 0 (masked_cells.h) */
    float *mask;                 /* 1 for cells of this foot, rows * cols */
    struct load_numbers *load;   /* analysis/load/load.h; NULL before the second reading, or where
                                    has_load is 0 */
    int off_edge, toes_touch;    /* the print reaches the plate's rim; a toe is on it */
    struct print_numbers *print; /* NULL: a template foot */
};

struct flag {
    const char *zone_id;
    const char *as_one_with; /* a zone that these cells cannot tell from it (R37): both are one
                                finding, told once; NULL = by itself */
    enum side side;
    enum flag_level level;
    char why[EVIDENCE_TEXT_MAX];
};

struct not_tested {
    const char *zone_id;
    enum side side;
    enum zone_state state;
    char why[120];
};

struct recording_facts {
    char *client, *protocol, *started_utc, *device_serial, *device_model, *firmware, *software;
    char *calibration_id, *calibration_date, *source;
    int calibration_is_nominal;
    uint64_t lost_frames, bad_frames, repeated_frames, saturated_frames;
    uint64_t untared_frames; /* left out: the plate had restarted and its zeros are not known */
    uint64_t damaged_places; /* in the file itself; a torn tail is one */
    uint64_t masked_cells;   /* cells that the calibration leaves out: they read 0 */
    uint8_t *masked;         /* 1 for each of them, rows * cols; NULL = none */
    /* Of another maker's file: places of the grid without a sensor (they read 0, too); frames of
     * which the device states the force, and the largest that it states (0 = none). */
    uint64_t no_sensor_cells, stated_frames;
    double stated_max_force_n;
    /* What the calibration says of its own error, % of reading; 0 = unknown. */
    double pressure_error_percent, force_error_percent;
    int closed_cleanly;
};

void recording_facts_free(struct recording_facts *facts);

/* What the recording goes on with (annotation `continues`): its station died in that one. */
struct continued {
    char recording[65]; /* its name; "" = the recording began by itself */
    int segment;        /* 2 is the first that goes on */
    double gap_s;       /* from the last frame of that one to the first of this */
};

struct result {
    struct grid grid;
    double rate_hz, duration_s, threshold_kpa;
    struct recording_facts facts;
    struct continued continued;
    struct frame_series frames;
    double min_force_n;
    double peak_pressure_kpa, max_force_n; /* of all frames */
    size_t loaded_frames; /* frames of the load steps at or above min_force_n ... */
    double loaded_s, mean_force_n, mean_area_cm2; /* ... their time, and means over them; NAN */
    double outside_feet_percent; /* load in no foot, of mean_force_n; NAN without feet */
    float *mean_picture, *max_picture,
        *pti_picture; /* kPa, kPa, kPa s over the loaded frames of
                         the load steps; all NULL when there are none */
    /* Feet moved while standing: the load is that of the longest quiet span, of frames from this
     * time to that one (as frames.time_s). NAN: of all. */
    double load_from_s, load_to_s;
    struct track *track; /* analysis/foot/foot_track.h; NULL when nobody stood */
    int walked; /* the load is of a walk step: contact is what a foot ever touched, while a standing
                   foot's is what it touches in the mean */
    char no_foot_reason[160]; /* "" when feet were found on the plate */
    struct foot_result *feet; /* 0..2, left before right when known; a press test without a standing
                                 foot gives template feet: has_load 0 */
    int n_feet;
    struct press *presses;
    int n_presses;
    int n_sessions;              /* earlier recordings whose presses are among them */
    struct place_result *places; /* of single studs */
    int n_places;
    struct press_zone *press_zones; /* of mats and weight shifts */
    int n_press_zones;
    struct shift_load *shift_loads; /* of weight shifts; NULL before the second reading */
    int n_shift_loads;
    struct stud_next *stud_next; /* left foot first; the most suspected first */
    int n_stud_next;
    struct behaviour_sign *signs;
    int n_signs;
    struct operator_note *notes;
    int n_notes;
    struct zone_exclusion *exclusions;
    int n_exclusions;
    struct zone_exclusion *left_out; /* by the guided test, when it was under way: given up ... */
    int n_left_out;
    struct stop_wish *stops;
    int n_stops;
    struct screening_said screening;
    char tool_name[32]; /* of the guided test, as set up; "" */
    enum stated_sex subject_sex;
    char subject_label[64]; /* as stated; "" */
    double reaction_s;      /* what was taken off the answers; NAN without presses */
    double reaction_sd_s;   /* spread of the person's reactions, and of what is known of them */
    int reaction_taps;      /* quick presses that told it; 0: the field's value */
    int not_comparable;     /* a painkiller: thresholds are not compared with other days */
    int heel_pain_walking;  /* as said: 0 no, enum side, 3 both; -1 not asked */
    int answers_unreliable;
    char unreliable_why[160];
    /* Of this person, %: from repeats, drawn to what is usual where they are few; how much higher
     * all of the left foot's thresholds are than the right's. NAN without presses. */
    double repeatability_percent, side_bias_percent;
    struct flag *flags;
    int n_flags;
    struct not_tested *not_tested;
    int n_not_tested;
    char **warnings; /* sentences: saturated cells, nominal calibration, ... */
    int n_warnings;
    struct atlas *atlas;         /* owned */
    struct atlas_settings chart; /* as it was set up */
    double body_mass_kg;         /* as stated; NAN when nobody said */
    double age_years;            /* likewise */
    int with_part_series;        /* regions and zones over time are kept too */
    int has_unusable_cells;      /* in some frame; else the second reading need not look for them */
    struct load_whole *load;     /* analysis/load/load.h; NULL before the second reading */
    struct walk_result *walk;    /* analysis/walk/walk.h; NULL when nobody walked; without steps
                                    before the second reading */
    struct norms *norms;         /* owned; what the patterns were named by */
    struct patterns patterns;
};

/* "P07", or "P07/P08" where both are read as one. */
const char *flag_zones_words(const struct flag *flag, char *text, size_t cap);

/* The longer side of a cell: what lies closer together than this cannot be told apart by load. */
double widest_cell_mm(const struct result *result);

/* The zone that cells of this plate cannot tell from it: both are read as one (R37). NULL = none.
 */
const char *zone_as_one_with(const struct result *result, const struct atlas_zone *zone);
/* ... in words; "" of none. */
#define AS_ONE_WORDS_MAX 120
const char *zone_as_one_words(const struct result *result, const struct atlas_zone *zone,
                              char *text, size_t cap);
/* 1: the pair is told once, by its first zone on the chart. */
int zone_tells_as_one(const struct result *result, const struct atlas_zone *zone);

/* 1: threshold_kpa is a lower bound, whatever the state: no press was answered and every repeat
 * bore it, or the threshold lies above all that was pressed, of which this was borne. */
int zone_threshold_is_bound(const struct zone_result *zone);

/* The picture (kPa) that contact and shape of the feet are taken from; NULL without load. */
const float *result_contact_picture(const struct result *result);

/* Whose it is: the name in the recording's header, else that of its annotations (a virtual
 * person's); NULL = it does not say. Borrowed of the result. */
const char *result_person(const struct result *result);

void result_free(struct result *result);

#endif
