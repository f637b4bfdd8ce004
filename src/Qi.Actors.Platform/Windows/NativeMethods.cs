using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Windows;

[SupportedOSPlatform("windows")]
internal static partial class NativeMethods
{
    /// <summary>Sets the cores that a thread may run on; returns the mask before, or 0 and the last error.</summary>
    [LibraryImport("kernel32", EntryPoint = "SetThreadAffinityMask", SetLastError = true)]
    internal static partial nuint SetThreadAffinityMask(nint thread, nuint mask);

    /// <summary>A pseudo handle of the calling thread: it needs no closing.</summary>
    [LibraryImport("kernel32", EntryPoint = "GetCurrentThread")]
    internal static partial nint GetCurrentThread();
}
