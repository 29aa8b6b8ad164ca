/* Plays libWeWorkFinanceSdk: the same functions, with a directory (given as the "secret") for a platform.
 *
 * chatdata.json   what GetChatData gives after seq 0; empty rows after any other
 * <file id>       a file, given in pieces of at most 5 bytes
 * fail            a code that GetChatData answers with
 * crash, hang     GetChatData crashes or never returns; once, if the file says "once"
 *
 * "Encrypted" messages are hexadecimal, each byte XORed with the random key's.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { char *buf; int len; } Slice;
typedef struct { char *index; int index_len; char *data; int data_len; int is_finish; } Media;
typedef struct { char directory[4096]; } Sdk;

static char *read_file(const char *directory, const char *name, int *length) {
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *buffer = calloc(1, 1 << 20);
    *length = (int)fread(buffer, 1, (1 << 20) - 1, file);
    fclose(file);
    return buffer;
}

static int happens(const Sdk *sdk, const char *name) {
    int length = 0;
    char *said = read_file(sdk->directory, name, &length);
    if (!said) return 0;
    if (!strncmp(said, "once", 4)) {
        char path[8192];
        snprintf(path, sizeof path, "%s/%s", sdk->directory, name);
        unlink(path);
    }
    free(said);
    return 1;
}

Sdk *NewSdk(void) { return calloc(1, sizeof(Sdk)); }

int Init(Sdk *sdk, const char *corp_id, const char *secret) {
    printf("a library that talks on standard output\n");
    fflush(stdout);
    if (strncmp(corp_id, "ww", 2)) return 10000;
    snprintf(sdk->directory, sizeof sdk->directory, "%s", secret);
    return 0;
}

int GetChatData(Sdk *sdk, unsigned long long seq, unsigned int limit, const char *proxy,
                const char *password, int timeout, Slice *into) {
    (void)limit; (void)proxy; (void)password; (void)timeout;
    if (happens(sdk, "crash")) raise(SIGSEGV);
    if (happens(sdk, "hang")) for (;;) sleep(1000);
    int length = 0;
    char *code = read_file(sdk->directory, "fail", &length);
    if (code) return atoi(code);
    char *rows = seq ? NULL : read_file(sdk->directory, "chatdata.json", &length);
    if (!rows) {
        rows = strdup("{\"errcode\":0,\"errmsg\":\"ok\",\"chatdata\":[]}");
        length = (int)strlen(rows);
    }
    into->buf = rows;
    into->len = length;
    return 0;
}

int DecryptData(const char *key, const char *message, Slice *into) {
    int length = (int)strlen(message) / 2, keys = (int)strlen(key);
    if (!keys || strlen(message) % 2) return 10006;
    char *plain = calloc(1, length + 1);
    for (int at = 0; at < length; at++) {
        unsigned int byte;
        if (sscanf(message + 2 * at, "%2x", &byte) != 1) return 10006;
        plain[at] = (char)(byte ^ (unsigned char)key[at % keys]);
    }
    into->buf = plain;
    into->len = length;
    return 0;
}

int GetMediaData(Sdk *sdk, const char *index, const char *file_id, const char *proxy, const char *password,
                 int timeout, Media *piece) {
    (void)proxy; (void)password; (void)timeout;
    int length = 0, at = atoi(index);
    char *file = read_file(sdk->directory, file_id, &length);
    if (!file) return 10005;
    piece->data_len = length - at < 5 ? length - at : 5;
    piece->data = calloc(1, 6);
    memcpy(piece->data, file + at, piece->data_len);
    piece->index = calloc(1, 32);
    piece->index_len = snprintf(piece->index, 32, "%d", at + piece->data_len);
    piece->is_finish = at + piece->data_len >= length;
    free(file);
    return 0;
}

Slice *NewSlice(void) { return calloc(1, sizeof(Slice)); }
void FreeSlice(Slice *slice) { free(slice->buf); free(slice); }
char *GetContentFromSlice(Slice *slice) { return slice->buf; }
int GetSliceLen(Slice *slice) { return slice->len; }
Media *NewMediaData(void) { return calloc(1, sizeof(Media)); }
void FreeMediaData(Media *media) { free(media->index); free(media->data); free(media); }
char *GetData(Media *media) { return media->data; }
int GetDataLen(Media *media) { return media->data_len; }
char *GetOutIndexBuf(Media *media) { return media->index; }
int GetIndexLen(Media *media) { return media->index_len; }
int IsMediaDataFinish(Media *media) { return media->is_finish; }
