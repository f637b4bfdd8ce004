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
        Assert.That(Get(Descriptors, &before), Is.Zero);
        _before = before;
        var none = before with { Soft = 1 };
        Assert.That(Set(Descriptors, &none), Is.Zero);
    }

    public void Dispose()
    {
        var before = _before;
        Assert.That(Set(Descriptors, &before), Is.Zero);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int Get(int resource, Limits* limits);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int Set(int resource, Limits* limits);

    private record struct Limits(ulong Soft, ulong Hard);
}
