/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host as a board: the callbacks of firmware/core over a scan source and a sink. Three parts
 * meet here: the world (the source, its clock), the core, and for each link a courier that carries
 * whole messages past the cable's faults to the sink. */
#include "firmware/boards/host/virtual_plate.h"

#include "firmware/boards/host/courier.h"
#include "firmware/boards/host/faults.h"
#include "firmware/boards/host/host_plate.h"
#include "firmware/core/plate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MODEL "tenderfoot virtual plate"
#define ANNOTATION_MAX 65536u /* of a plate however small */
#define EAR_BYTES ((size_t)ANNOTATION_MAX + WIRE_HEADER_SIZE)
#define RATE_MIN_HZ 10
#define RATE_MAX_HZ 500

/* What came from one host and is not given to the core yet: an annotation, or the beginning of a
 * message. */
struct ear {
    uint8_t *bytes; /* EAR_BYTES, or NULL: this world does not hear */
    size_t n;
};

struct virtual_plate {
    struct scan_source *source;
    struct faults *faults;
    uint64_t seed;
    unsigned boots; /* before this one */
    uint64_t world_us, boot_us,
        stall_us; /* now, when this boot began, and a stall at the next step */
    int has_host[PLATE_LINKS_MAX];
    struct courier couriers[PLATE_LINKS_MAX];
    struct ear ears[PLATE_LINKS_MAX]; /* for a source that hears */
    int is_led;                       /* a host has said something to the world */
    const char *annotation;           /* the source's: waits for room, or for START */
    uint64_t annotation_us;
    char serial[25];
    struct plate_config config;
    struct plate core;
    uint16_t *world_counts; /* one whole scan of the source, faults in it */
};

/* --- Callbacks of the core ------------------------------------------------------------------- */

static uint64_t now_us(void *context)
{
    const struct virtual_plate *plate = context;
    return plate->world_us - plate->boot_us;
}

static int scan_row(void *context, unsigned row, uint16_t *counts)
{
    struct virtual_plate *plate = context;
    size_t cols = plate->config.cols;
    if (row == 0) {
        plate->source->scan(plate->source, plate->world_us, plate->world_counts);
        faults_touch_counts(plate->faults, plate->world_counts);
    }
    memcpy(counts, plate->world_counts + row * cols, cols * sizeof *counts);
    return 0;
}

static size_t send_bytes(void *context, unsigned link, const uint8_t *bytes, size_t n)
{
    struct virtual_plate *plate = context;
    return courier_take(&plate->couriers[link], bytes, n);
}

/* The button moves in the world's time; what happened before this boot nobody saw. */
static int button_edge(void *context, struct plate_edge *edge)
{
    struct virtual_plate *plate = context;
    struct button_edge of_world;
    do {
        if (!plate->source->next_edge ||
            !plate->source->next_edge(plate->source, plate->world_us + 1, &of_world))
            return 0;
    } while (of_world.time_us < plate->boot_us);
    edge->time_us = of_world.time_us - plate->boot_us;
    edge->down = of_world.down;
    return 1;
}

static int16_t temperature_cdeg(void *context)
{
    const struct virtual_plate *plate = context;
    return (int16_t)lround(100 * plate->source->temperature_c(plate->source, plate->world_us));
}

/* Light and buzzer are seen and heard by the world, if it has somebody. */
static void signal_world(void *context, unsigned signals)
{
    const struct virtual_plate *plate = context;
    if (plate->source->see)
        plate->source->see(plate->source, plate->world_us, signals);
}

/* --- Made ------------------------------------------------------------------------------------ */

static int check_source(const struct scan_source *source, struct problem *why)
{
    int rows_fit = source->rows >= 1 && source->rows <= (int)WIRE_CELLS_MAX_PER_SIDE;
    int cols_fit = source->cols >= 1 && source->cols <= (int)WIRE_CELLS_MAX_PER_SIDE;
    if (!rows_fit || !cols_fit || source->bits < 8 || source->bits > 16)
        return problem(why, PROBLEM_REFUSED,
                       "no plate of %d x %d cells of %d bits: 1 to 256 cells each way of 8 to 16 "
                       "bits are possible",
                       source->rows, source->cols, source->bits);
    int pitch_fits = source->pitch_x_mm >= 0.5 && source->pitch_x_mm <= 50 &&
                     source->pitch_y_mm >= 0.5 && source->pitch_y_mm <= 50;
    if (!pitch_fits)
        return problem(why, PROBLEM_REFUSED, "no plate with a pitch of %g x %g mm: 0.5 to 50",
                       source->pitch_x_mm, source->pitch_y_mm);
    if (!(source->rate_hz >= 1 && source->rate_hz <= 1000) || !(source->full_scale_kpa >= 0))
        return problem(why, PROBLEM_REFUSED, "no plate of %g frames/s and %g kPa full scale",
                       source->rate_hz, source->full_scale_kpa);
    return 0;
}

static void fill_identity(struct virtual_plate *plate, const struct virtual_plate_options *options)
{
    const struct scan_source *source = options->source;
    struct plate_config *config = &plate->config;
    int rate_hz = options->rate_hz ? options->rate_hz : (int)lround(source->rate_hz);
    config->rows = (uint16_t)source->rows;
    config->cols = (uint16_t)source->cols;
    config->pitch_x_um = (uint32_t)lround(source->pitch_x_mm * 1000);
    config->pitch_y_um = (uint32_t)lround(source->pitch_y_mm * 1000);
    config->bits = (uint8_t)source->bits;
    config->full_scale_kpa = (uint16_t)lround(fmin(source->full_scale_kpa, UINT16_MAX));
    config->rate_hz = (uint16_t)rate_hz;
    config->rate_min_hz = (uint16_t)(rate_hz < RATE_MIN_HZ ? rate_hz : RATE_MIN_HZ);
    config->rate_max_hz = (uint16_t)(rate_hz > RATE_MAX_HZ ? rate_hz : RATE_MAX_HZ);
    config->features = WIRE_HAS_LIGHT | WIRE_HAS_BUZZER | WIRE_IS_VIRTUAL;
    for (size_t i = 0; i + 1 < sizeof plate->serial && source->serial[i]; i++) {
        char c = source->serial[i];
        plate->serial[i] = c;
        if (c < 0x20 || c > 0x7E)
            plate->serial[i] = '?';
    }
    config->serial = plate->serial;
    config->firmware = PLATE_CORE_VERSION;
    config->model = MODEL;
}

static void fill_board(struct virtual_plate *plate, const struct virtual_plate_options *options)
{
    struct plate_config *config = &plate->config;
    config->context = plate;
    config->now_us = now_us;
    config->scan_row = scan_row;
    config->send = send_bytes;
    config->button_edge = button_edge;
    config->signal = signal_world;
    config->temperature_cdeg = plate->source->temperature_c ? temperature_cdeg : NULL;
    config->links = PLATE_LINKS_MAX;
    config->autostart = options->is_one_way;
}

static int make_buffers(struct virtual_plate *plate, struct problem *why)
{
    struct plate_config *config = &plate->config;
    size_t n = PLATE_CELLS(config->rows, config->cols);
    config->counts = calloc(n, sizeof *config->counts);
    config->zero = calloc(n, sizeof *config->zero);
    config->floor = calloc(n, sizeof *config->floor);
    config->work = calloc(n, sizeof *config->work);
    config->next_zero = calloc(n, sizeof *config->next_zero);
    config->out_bytes = PLATE_OUT_BYTES(config->rows, config->cols) + ANNOTATION_MAX;
    config->out = calloc(1, config->out_bytes);
    plate->world_counts = calloc(n, sizeof *plate->world_counts);
    if (!config->counts || !config->zero || !config->floor || !config->work || !config->next_zero ||
        !config->out || !plate->world_counts)
        return problem_no_memory(why, "a virtual plate");
    return 0;
}

/* Never 0, and another one for each seed and boot. */
static uint32_t boot_id(uint64_t seed, unsigned boot)
{
    uint64_t x = (seed + boot + 1) * UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    x = (x ^ x >> 32) + boot;
    return (uint32_t)x ? (uint32_t)x : boot + 1;
}

static int boot(struct virtual_plate *plate, struct problem *why)
{
    plate->config.boot_id = boot_id(plate->seed, plate->boots);
    plate->boot_us = plate->world_us;
    const char *wrong = plate_init(&plate->core, &plate->config);
    return wrong ? problem(why, PROBLEM_REFUSED, "no such plate: %s", wrong) : 0;
}

static int make_couriers(struct virtual_plate *plate, const struct virtual_plate_options *options,
                         struct problem *why)
{
    for (unsigned link = 0; link < PLATE_LINKS_MAX; link++)
        if (courier_init(&plate->couriers[link], (int)link, options->sink, options->context,
                         options->keeps_all, plate->faults, why))
            return -1;
    return 0;
}

static int make_ears(struct virtual_plate *plate, struct problem *why)
{
    for (unsigned link = 0; plate->source->hear && link < PLATE_LINKS_MAX; link++) {
        plate->ears[link].bytes = malloc(EAR_BYTES + 1);
        if (!plate->ears[link].bytes)
            return problem_no_memory(why, "a virtual plate");
    }
    return 0;
}

static int make_parts(struct virtual_plate *plate, const struct virtual_plate_options *options,
                      struct problem *why)
{
    const struct scan_source *source = options->source;
    if (check_source(source, why))
        return -1;
    if (options->rate_hz && (options->rate_hz < RATE_MIN_HZ || options->rate_hz > RATE_MAX_HZ))
        return problem(why, PROBLEM_USAGE, "rate of %d frames/s: %d to %d are possible",
                       options->rate_hz, RATE_MIN_HZ, RATE_MAX_HZ);
    fill_identity(plate, options);
    fill_board(plate, options);
    plate->faults = faults_create(options->faults, options->seed, source->rows, source->cols,
                                  source->bits, options->fault_log, why);
    if (!plate->faults || make_buffers(plate, why) || make_ears(plate, why) ||
        make_couriers(plate, options, why))
        return -1;
    return boot(plate, why);
}

struct virtual_plate *virtual_plate_create_with(const struct virtual_plate_options *options,
                                                struct problem *why)
{
    struct virtual_plate *plate = calloc(1, sizeof *plate);
    if (!plate) {
        problem_no_memory(why, "a virtual plate");
        options->source->close(options->source);
        return NULL;
    }
    plate->source = options->source;
    plate->seed = options->seed;
    if (make_parts(plate, options, why)) {
        virtual_plate_free(plate);
        return NULL;
    }
    return plate;
}

struct virtual_plate *virtual_plate_create(struct scan_source *source, const char *faults,
                                           uint64_t seed, virtual_plate_sink *sink, void *context,
                                           struct problem *why)
{
    struct virtual_plate_options options = {
        .source = source, .faults = faults, .seed = seed, .sink = sink, .context = context};
    return virtual_plate_create_with(&options, why);
}

void virtual_plate_free(struct virtual_plate *plate)
{
    if (!plate)
        return;
    for (unsigned link = 0; link < PLATE_LINKS_MAX; link++)
        courier_free(&plate->couriers[link]);
    for (unsigned link = 0; link < PLATE_LINKS_MAX; link++)
        free(plate->ears[link].bytes);
    faults_free(plate->faults);
    free(plate->config.counts);
    free(plate->config.zero);
    free(plate->config.floor);
    free(plate->config.work);
    free(plate->config.next_zero);
    free(plate->config.out);
    free(plate->world_counts);
    plate->source->close(plate->source);
    free(plate);
}

/* --- Links ----------------------------------------------------------------------------------- */

/* An annotation is for the world: it gets the text, with a NUL behind it. A NUL inside ends it. */
static void tell_world(struct virtual_plate *plate, const struct wire_message *message)
{
    char *json = malloc((size_t)message->payload_len + 1);
    if (!json)
        return; /* a word that was not heard */
    if (message->payload_len)
        memcpy(json, message->payload, message->payload_len);
    json[message->payload_len] = 0;
    plate->is_led = 1;
    plate->source->hear(plate->source, plate->world_us, json);
    free(json);
}

/* Whether the front of the ear may be an annotation that is not whole yet, or is too short to say.
 */
static int must_wait(const struct ear *ear)
{
    static const uint8_t type_at = 5;
    return ear->n < WIRE_HEADER_SIZE || ear->bytes[type_at] == WIRE_ANNOTATION;
}

/* Takes whole annotations out of the ear and hands everything else, in order, to the core. */
static void listen(struct virtual_plate *plate, unsigned link)
{
    struct ear *ear = &plate->ears[link];
    size_t done = 0;
    while (done < ear->n) {
        struct wire_message message;
        struct ear rest = {ear->bytes + done, ear->n - done};
        size_t used;
        enum wire_verdict verdict = wire_decode(rest.bytes, rest.n, &message, &used);
        if (verdict == WIRE_NEED_MORE && must_wait(&rest) && rest.n < EAR_BYTES)
            break;
        if (verdict == WIRE_NEED_MORE)
            used = rest.n;
        if (verdict == WIRE_MESSAGE_WHOLE && message.type == WIRE_ANNOTATION)
            tell_world(plate, &message);
        else
            plate_receive(&plate->core, link, rest.bytes, used);
        done += used;
    }
    ear->n -= done;
    memmove(ear->bytes, ear->bytes + done, ear->n);
}

void virtual_plate_receive(struct virtual_plate *plate, int link, const uint8_t *bytes, size_t n)
{
    if (link < 0 || link >= (int)PLATE_LINKS_MAX)
        return;
    plate->has_host[link] = 1;
    struct ear *ear = &plate->ears[link];
    while (ear->bytes && n > 0) {
        size_t part = n < EAR_BYTES - ear->n ? n : EAR_BYTES - ear->n;
        memcpy(ear->bytes + ear->n, bytes, part);
        ear->n += part;
        bytes += part;
        n -= part;
        listen(plate, (unsigned)link);
    }
    if (n > 0)
        plate_receive(&plate->core, (unsigned)link, bytes, n);
}

void virtual_plate_link_closed(struct virtual_plate *plate, int link)
{
    if (link < 0 || link >= (int)PLATE_LINKS_MAX)
        return;
    plate->has_host[link] = 0;
    plate->ears[link].n = 0;
    plate_link_closed(&plate->core, (unsigned)link);
    courier_forget(&plate->couriers[link]);
}

void virtual_plate_flush(struct virtual_plate *plate)
{
    for (unsigned link = 0; link < PLATE_LINKS_MAX; link++) {
        courier_push(&plate->couriers[link]);
        plate_flush(&plate->core, link);
    }
}

int virtual_plate_has_unsent(const struct virtual_plate *plate)
{
    for (unsigned link = 0; link < PLATE_LINKS_MAX; link++)
        if (courier_has_unsent(&plate->couriers[link]) || plate_has_unsent(&plate->core, link))
            return 1;
    return 0;
}

/* --- Time ------------------------------------------------------------------------------------ */

int virtual_plate_is_scanning(const struct virtual_plate *plate)
{
    return plate_is_scanning(&plate->core);
}

uint64_t virtual_plate_time_us(const struct virtual_plate *plate)
{
    return plate->world_us;
}

uint64_t virtual_plate_next_us(const struct virtual_plate *plate)
{
    uint64_t next_us = plate->boot_us + plate_next_scan_us(&plate->core) + plate->stall_us;
    return next_us > plate->world_us ? next_us : plate->world_us;
}

/* The next annotation is in hand, if one is due. The source's text stays valid until it is asked
 * again, which it is not before this one is sent. */
static int fetch_annotation(struct virtual_plate *plate)
{
    if (!plate->annotation && plate->source->next_annotation)
        plate->annotation = plate->source->next_annotation(plate->source, plate->world_us + 1,
                                                           &plate->annotation_us);
    return plate->annotation != NULL;
}

/* Before the frames they hold for, each once, in order. */
static void post_annotations(struct virtual_plate *plate)
{
    while (plate->core.streaming && fetch_annotation(plate)) {
        uint64_t us = plate->annotation_us;
        us = us > plate->boot_us ? us - plate->boot_us : 0;
        if (plate_post(&plate->core, WIRE_ANNOTATION, us, plate->annotation,
                       strlen(plate->annotation)))
            return;
        plate->annotation = NULL;
    }
}

/* A reset is seen by the hosts as a HELLO of a new boot. The config was accepted before. */
static void reset(struct virtual_plate *plate)
{
    struct problem ignored;
    plate->boots++;
    boot(plate, &ignored);
    for (unsigned link = 0; link < PLATE_LINKS_MAX; link++)
        if (plate->has_host[link])
            plate_announce(&plate->core, link);
}

static void arrange_stall(struct virtual_plate *plate)
{
    uint16_t rate_hz = plate->core.pace.rate_hz;
    faults_at(plate->faults, virtual_plate_next_us(plate), plate->boots, plate->core.scans);
    if (rate_hz)
        plate->stall_us += faults_stall_us(plate->faults, 1000000u / rate_hz);
}

int virtual_plate_step(struct virtual_plate *plate)
{
    if (!virtual_plate_is_scanning(plate))
        return 1;
    uint64_t next_us = virtual_plate_next_us(plate);
    if (next_us >= plate->source->duration_us)
        return 0;
    plate->world_us = next_us;
    plate->stall_us = 0;
    faults_at(plate->faults, next_us, plate->boots, plate->core.scans);
    if (faults_reset(plate->faults)) {
        reset(plate);
        return 1;
    }
    post_annotations(plate);
    plate_step(&plate->core);
    arrange_stall(plate);
    return 1;
}

/* --- As a host plate ------------------------------------------------------------------------- */

static void host_receive(void *own, int link, const uint8_t *bytes, size_t n)
{
    virtual_plate_receive(own, link, bytes, n);
}

static void host_link_closed(void *own, int link)
{
    virtual_plate_link_closed(own, link);
}

static void host_flush(void *own)
{
    virtual_plate_flush(own);
}

static int host_has_unsent(const void *own)
{
    return virtual_plate_has_unsent(own);
}

static int host_is_scanning(const void *own)
{
    return virtual_plate_is_scanning(own);
}

static uint64_t host_next_us(const void *own)
{
    return virtual_plate_next_us(own);
}

static int host_step(void *own)
{
    return virtual_plate_step(own);
}

static int host_is_led(const void *own)
{
    const struct virtual_plate *plate = own;
    return plate->is_led;
}

static void host_power_cycle(void *own)
{
    reset(own);
}

static void host_close(void *own)
{
    virtual_plate_free(own);
}

void host_plate_of_virtual(struct host_plate *plate, struct virtual_plate *virtual_plate)
{
    *plate = (struct host_plate){
        .own = virtual_plate,
        .serial = virtual_plate->serial,
        .fd = -1,
        .receive = host_receive,
        .link_closed = host_link_closed,
        .flush = host_flush,
        .has_unsent = host_has_unsent,
        .is_scanning = host_is_scanning,
        .next_us = host_next_us,
        .is_led = host_is_led,
        .step = host_step,
        .power_cycle = host_power_cycle,
        .close = host_close,
    };
}
