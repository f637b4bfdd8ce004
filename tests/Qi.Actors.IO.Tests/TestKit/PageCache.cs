using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

namespace Qi.Actors.IO.Tests.TestKit;

/// <summary>What the kernel has of files in memory.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4;

    /// <summary>Has the kernel forget a file that is on the disk, so that the next read waits for it.</summary>
    public static void Forget(SafeFileHandle file) => Assert.That(Advise(file, 0, 0, DontNeed), Is.Zero);

    [LibraryImport("libc", EntryPoint = "posix_fadvise64")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
