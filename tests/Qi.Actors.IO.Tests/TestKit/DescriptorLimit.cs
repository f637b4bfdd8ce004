using System.Runtime.InteropServices;

namespace Qi.Actors.IO.Tests.TestKit;

/// <summary>Leaves this process no descriptor to open, until it is disposed of. What is open stays usable.</summary>
internal sealed unsafe partial class DescriptorLimit : IDisposable
{
    private const int Descriptors = 7;

    private readonly Limits _before;

    public DescriptorLimit()
    {
        Limits before;
        Require(Get(Descriptors, &before));
        _before = before;
        var none = before with { Soft = 1 };
        Require(Set(Descriptors, &none));
    }

    public void Dispose()
    {
        var before = _before;
        Require(Set(Descriptors, &before));
    }

    private static void Require(int result)
    {
        if (result != 0)
            throw new InvalidOperationException("The limit of descriptors could not be asked or set.");
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int Get(int resource, Limits* limits);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int Set(int resource, Limits* limits);

    private record struct Limits(ulong Soft, ulong Hard);
}
