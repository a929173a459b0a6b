/* Asks `m26 session --listen SOCKET` one command, and prints what happens until the answer is there.
 *
 *     cc -o ask ask.c && ./ask m26.sock "sign --mode payer-code --data 284... --amount 10.25"
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int count, char **words)
{
    struct sockaddr_un place = { .sun_family = AF_UNIX };
    if (count != 3 || strlen(words[1]) >= sizeof place.sun_path || strchr(words[2], '\n')) {
        fprintf(stderr, "usage: ask SOCKET COMMAND\n");
        return 2;
    }
    strcpy(place.sun_path, words[1]);
    int session = socket(AF_UNIX, SOCK_STREAM, 0);
    if (session < 0 || connect(session, (struct sockaddr *)&place, sizeof place) != 0) {
        perror(words[1]);
        return 1;
    }
    FILE *stream = fdopen(session, "r+");
    if (stream == NULL || fprintf(stream, "%s\n", words[2]) < 0 || fflush(stream) != 0) {
        perror(words[1]);
        return 1;
    }
    char *line = NULL;
    size_t room = 0;
    /* Events come in between; an answer begins with the name of its command, then whether all is well. */
    while (getline(&line, &room, stream) >= 0) {
        fputs(line, stdout);
        if (strncmp(line, "{\"command\":", 11) == 0)
            return strstr(line, ",\"ok\":true") == NULL;
    }
    fprintf(stderr, "the session has ended\n");
    return 1;
}
