using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Unix;

/// <summary>A time span as the kernels read it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Timespec
{
    public nint Seconds;
    public nint Nanoseconds;
}
