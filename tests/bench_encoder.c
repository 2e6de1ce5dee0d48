/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a standing person's frame and a whole scan cost on the firmware's own processor: the ELF
 * measures itself (mode MEASURE) on an emulated Cortex-M3 that takes 32 ns for each instruction. An
 * instruction of a Cortex-M4 takes one cycle or a few; beside the budget they are counted as two.
 * What the sensors cost besides is in firmware/README.md. Rows: name, value, unit. */
#include "firmware/boards/qemu/mailbox.h"
#include "tests/support/standing_person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS_PER_INSTRUCTION 32.0
#define CYCLES_PER_INSTRUCTION 2.0
#define BUDGET_CYCLES (168e6 / 100) /* of a scan, at 168 MHz and 100 Hz */

static char folder[] = "/tmp/tenderfoot-bench-XXXXXX";
static char image[64], output[64];

static void clean_up(void)
{
    unlink(image);
    unlink(output);
    rmdir(folder);
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_encoder: %s\n", what);
    exit(1);
}

static void write_image(void)
{
    static _Alignas(16) uint8_t memory[MAILBOX_SLOTS_AT + (64 << 10)];
    struct mailbox *mailbox = (struct mailbox *)memory;
    struct mailbox_slot *slot = (struct mailbox_slot *)(memory + MAILBOX_SLOTS_AT);
    *mailbox = (struct mailbox){.magic = MAILBOX_MAGIC,
                                .version = MAILBOX_VERSION,
                                .mode = MAILBOX_MEASURE,
                                .rows = STANDING_ROWS,
                                .cols = STANDING_COLS,
                                .bits = STANDING_BITS,
                                .slots = 1,
                                .slot_bytes = mailbox_slot_bytes(STANDING_ROWS, STANDING_COLS)};
    memcpy(mailbox->out_path[0], output, sizeof output);
    standing_person(slot->counts, 1);
    FILE *file = fopen(image, "we");
    if (!file || fwrite(memory, 1, sizeof memory, file) != sizeof memory || fclose(file))
        fail("cannot write the memory image");
}

static void run_board(const char *elf)
{
    char device[128];
    snprintf(device, sizeof device, "loader,file=%s,addr=0x21000000,force-raw=on", image);
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        execlp("qemu-system-arm", "qemu-system-arm", "-M", "mps2-an385", "-kernel", elf, "-display",
               "none", "-monitor", "none", "-serial", "null", "-semihosting-config",
               "enable=on,target=native", "-icount", "shift=5,sleep=off", "-device", device,
               (char *)NULL);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        fail("the emulated board gave up; make deps-test firmware?");
}

static double value_of(const char *wanted)
{
    char name[32];
    double value;
    FILE *file = fopen(output, "re");
    if (!file)
        fail("the board wrote nothing");
    while (fscanf(file, "%31s %lf", name, &value) == 2) {
        if (strcmp(name, wanted) == 0) {
            fclose(file);
            return value;
        }
    }
    fail("the board did not say all");
    return 0;
}

int main(void)
{
    char elf[256];
    const char *build = getenv("BUILD");
    snprintf(elf, sizeof elf, "%s/firmware/plate-an385.elf", build ? build : "build");
    if (!mkdtemp(folder))
        fail("no folder in /tmp");
    atexit(clean_up);
    snprintf(image, sizeof image, "%s/image", folder);
    snprintf(output, sizeof output, "%s/out", folder);
    write_image();
    run_board(elf);
    double cells = value_of("cells"), bytes = value_of("frame_bytes");
    double encode = value_of("encode_ns") / NS_PER_INSTRUCTION;
    double seal = value_of("seal_ns") / NS_PER_INSTRUCTION;
    printf("firmware: frame encoder, Cortex-M3\t%.2f\tinstructions/cell\n", encode / cells);
    printf("firmware: header and CRCs, Cortex-M3\t%.2f\tinstructions/byte\n", seal / bytes);
    printf("firmware: both, a standing person\t%.0f\tinstructions/frame\n", encode + seal);
    double step = value_of("step_ns") / NS_PER_INSTRUCTION;
    double usb = value_of("usb_ns") / NS_PER_INSTRUCTION;
    printf("firmware: a scan gated, encoded, sealed\t%.0f\tinstructions\n", step);
    printf("firmware: its USB packets, %.0f bytes\t%.0f\tinstructions\n", value_of("bus_bytes"),
           usb);
    printf("firmware: both, of a scan's 1680000 cycles\t%.0f\t%% at 2 each\n",
           100 * CYCLES_PER_INSTRUCTION * (step + usb) / BUDGET_CYCLES);
    return 0;
}
