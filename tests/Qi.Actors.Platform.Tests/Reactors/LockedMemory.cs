using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Tests;

/// <summary>Runs an action on a thread that may lock so much memory and no more, whoever the user is.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LockedMemory
{
    private const int LockedBytes = 8;
    private const uint Version = 0x20080522;
    private const int MayLock = 14; // CAP_IPC_LOCK: the limit counts for those who do not have it

    public static void WithLimit(nuint bytes, Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                DropRight();
                Limits before;
                Require(GetLimits(LockedBytes, &before));
                var limits = before with { Soft = bytes };
                Require(SetLimits(LockedBytes, &limits));
                try
                {
                    action();
                }
                finally
                {
                    Require(SetLimits(LockedBytes, &before));
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        Assert.That(thread.Join(ReactorDriver.Bound), Is.True, "The thread does not end.");
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    // Of this thread alone: rights are a thread's.
    private static void DropRight()
    {
        var header = new Header { Version = Version };
        Rights* rights = stackalloc Rights[2];
        Require(GetRights(&header, rights));
        rights[0] = rights[0] with { Effective = rights[0].Effective & ~(1U << MayLock) };
        Require(SetRights(&header, rights));
    }

    private static void Require(int result) => Assert.That(result, Is.Zero, $"Error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimits(int resource, Limits* limits);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimits(int resource, Limits* limits);

    [LibraryImport("libc", EntryPoint = "capget", SetLastError = true)]
    private static partial int GetRights(Header* header, Rights* rights);

    [LibraryImport("libc", EntryPoint = "capset", SetLastError = true)]
    private static partial int SetRights(Header* header, Rights* rights);

    private record struct Limits(nuint Soft, nuint Hard);

    private struct Header
    {
        public uint Version;
        public int Process;
    }

    private record struct Rights(uint Effective, uint Permitted, uint Inheritable);
}
