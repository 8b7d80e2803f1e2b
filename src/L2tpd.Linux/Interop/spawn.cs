using System.Runtime.InteropServices;
using Tmds.Linux;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    public const short POSIX_SPAWN_SETSIGDEF = 0x04;
    public const short POSIX_SPAWN_SETSIGMASK = 0x08;
    public const short POSIX_SPAWN_SETSID = 0x80;

    // glibc: posix_spawnattr_t has 336 octets, posix_spawn_file_actions_t 80.
    public const int SpawnAttributesSize = 512;
    public const int SpawnFileActionsSize = 128;

    // int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *file_actions, const posix_spawnattr_t *attrp,
    //                 char *const argv[], char *const envp[]);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn(int* pid, string path, void* file_actions, void* attrp, byte** argv, byte** envp);

    // int posix_spawnattr_init(posix_spawnattr_t *attr);
    [LibraryImport(Library)]
    public static partial int posix_spawnattr_init(void* attr);

    // int posix_spawnattr_destroy(posix_spawnattr_t *attr);
    [LibraryImport(Library)]
    public static partial int posix_spawnattr_destroy(void* attr);

    // int posix_spawnattr_setflags(posix_spawnattr_t *attr, short flags);
    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setflags(void* attr, short flags);

    // int posix_spawnattr_setsigmask(posix_spawnattr_t *attr, const sigset_t *sigmask);
    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigmask(void* attr, sigset_t* sigmask);

    // int posix_spawnattr_setsigdefault(posix_spawnattr_t *attr, const sigset_t *sigdefault);
    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigdefault(void* attr, sigset_t* sigdefault);

    // int posix_spawn_file_actions_init(posix_spawn_file_actions_t *file_actions);
    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_init(void* file_actions);

    // int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *file_actions);
    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_destroy(void* file_actions);

    // int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *file_actions, int fildes, int newfildes);
    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_adddup2(void* file_actions, int fildes, int newfildes);

    // int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *file_actions, int fildes);
    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addclose(void* file_actions, int fildes);

    // int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *file_actions, int fildes, const char *path, int oflag, mode_t mode);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn_file_actions_addopen(void* file_actions, int fildes, string path, int oflag, uint mode);

    // int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *file_actions, int from);
    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addclosefrom_np(void* file_actions, int from);

    // int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *file_actions, const char *path);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn_file_actions_addchdir_np(void* file_actions, string path);
}
