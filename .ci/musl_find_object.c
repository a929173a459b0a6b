/* What libgcc's unwinder asks glibc for, from 2.35 on: the tables of the code at an address. For a program that is
 * linked statically with musl, where the code is in one piece. The structure is that of glibc's dlfcn.h, on machines
 * whose pointers have 64 bits; on 32-bit ARM the unwinder does not ask. */
#include <link.h>
#include <stddef.h>

struct dl_find_object {
    unsigned long long flags;
    void *map_start, *map_end;
    struct link_map *link_map;
    void *eh_frame;
    unsigned long long reserved[7];
};

static int look(struct dl_phdr_info *program, size_t size, void *found) {
    struct dl_find_object *object = found;
    (void)size;
    for (int i = 0; i < program->dlpi_phnum; i++)
        if (program->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME)
            object->eh_frame = (char *)program->dlpi_addr + program->dlpi_phdr[i].p_vaddr;
    return 1;
}

int _dl_find_object(void *address, struct dl_find_object *found) {
    (void)address;
    *found = (struct dl_find_object){0};
    dl_iterate_phdr(look, found);
    return found->eh_frame == NULL ? -1 : 0;
}
