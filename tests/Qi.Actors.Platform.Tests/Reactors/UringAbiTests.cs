using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform.Tests;

/// <summary>The layouts are those of include/uapi/linux/io_uring.h on a 64-bit system, the refusals those that occur.</summary>
[SupportedOSPlatform("linux")]
public sealed class UringAbiTests
{
    [Test]
    public void Submission_Layout_IsTheKernels()
    {
        Assert.That(Marshal.SizeOf<UringSubmission>(), Is.EqualTo(64));
        Assert.That(Offsets<UringSubmission>("Opcode", "Flags", "Priority", "Descriptor", "Offset", "Address", "Length", "OperationFlags", "UserData", "BufferGroup"), Is.EqualTo(new[] { 0, 1, 2, 4, 8, 16, 24, 28, 32, 40 }));
    }

    [Test]
    public void Completion_Layout_IsTheKernels()
    {
        Assert.That(Marshal.SizeOf<UringCompletion>(), Is.EqualTo(16));
        Assert.That(Offsets<UringCompletion>("UserData", "Result", "Flags"), Is.EqualTo(new[] { 0, 8, 12 }));
    }

    [Test]
    public void Parameters_Layout_IsTheKernels()
    {
        Assert.That(Marshal.SizeOf<UringParameters>(), Is.EqualTo(120));
        Assert.That(
            Offsets<UringParameters>("SubmissionEntries", "CompletionEntries", "Flags", "ThreadCore", "ThreadIdleMs", "Features", "WorkerDescriptor", "Submissions", "Completions"),
            Is.EqualTo(new[] { 0, 4, 8, 12, 16, 20, 24, 40, 80 }));
        Assert.That(Marshal.SizeOf<UringOffsets>(), Is.EqualTo(40));
        Assert.That(
            Offsets<UringOffsets>("Head", "Tail", "Mask", "Entries", "FlagsOrOverflow", "DroppedOrCompletions", "ArrayOrFlags"),
            Is.EqualTo(new[] { 0, 4, 8, 12, 16, 20, 24 }));
    }

    [Test]
    public void OtherLayouts_AreTheKernels()
    {
        Assert.That(Marshal.SizeOf<UringBuffer>(), Is.EqualTo(16));
        Assert.That(Offsets<UringBuffer>("Address", "Length", "Number", "Tail"), Is.EqualTo(new[] { 0, 8, 12, 14 }));
        Assert.That(Marshal.SizeOf<UringBufferRing>(), Is.EqualTo(40));
        Assert.That(Offsets<UringBufferRing>("Address", "Entries", "Group"), Is.EqualTo(new[] { 0, 8, 12 }));
        Assert.That(Marshal.SizeOf<KernelTimespec>(), Is.EqualTo(16));
        Assert.That(Marshal.SizeOf<UringWaitArgument>(), Is.EqualTo(24));
        Assert.That(Offsets<UringWaitArgument>("Signals", "SignalsBytes", "LeastWaitUs", "Timeout"), Is.EqualTo(new[] { 0, 8, 12, 16 }));
        Assert.That(Marshal.SizeOf<MessageHeader>(), Is.EqualTo(56));
        Assert.That(
            Offsets<MessageHeader>("Name", "NameLength", "Vectors", "VectorCount", "Control", "ControlLength", "Flags"),
            Is.EqualTo(new[] { 0, 8, 16, 24, 32, 40, 48 }));
        Assert.That(Marshal.SizeOf<IoVector>(), Is.EqualTo(16));
        Assert.That(Offsets<IoVector>("Start", "Length"), Is.EqualTo(new[] { 0, 8 }));
    }

    [Test]
    public void Opcodes_AreTheKernels()
        => Assert.That(
            Uring.NeededOpcodes.ToArray().Order(),
            Is.EqualTo(Enum.GetValues<UringOpcode>().Select(opcode => (byte)opcode)).And.EqualTo(new byte[] { 1, 2, 3, 6, 9, 10, 13, 14, 16, 22, 23, 26, 27 }));

    [Test]
    public void Peel_OfAllFlags_TakesOneAfterTheOtherAndEnds()
    {
        const uint Kept = Uring.SetupCompletionSize | Uring.SetupClamp;
        uint flags = Kept | Uring.SetupSubmitAll | Uring.SetupCoopTaskRun | Uring.SetupTaskRunFlag | Uring.SetupSingleIssuer | Uring.SetupDeferTaskRun;
        List<uint> taken = [];
        for (uint fewer; (fewer = Uring.Peel(flags)) != flags; flags = fewer)
            taken.Add(flags & ~fewer);
        Assert.That(taken, Is.EqualTo(new[] { Uring.SetupDeferTaskRun, Uring.SetupSingleIssuer, Uring.SetupTaskRunFlag, Uring.SetupCoopTaskRun, Uring.SetupSubmitAll }));
        Assert.That(flags, Is.EqualTo(Kept));
    }

    [Test]
    [Platform("Linux")]
    public void Ring_WithFlagsThatNoKernelKnows_SaysThatTheKernelIsTooOld()
    {
        UringHere.Need();
        var refused = Assert.Throws<PlatformException>(() => _ = new UringRing(8, 16, 1U << 31));
        Assert.That((refused.Operation, refused.Error), Is.EqualTo(("io_uring_setup", 22)));
        Assert.That(refused.Message, Does.Contain("too old"));
    }

    [Test]
    [Platform("Linux")]
    public void Ring_WithOneIssuerWhoMayNotDefer_IsMadeWithFewerFlags()
    {
        UringHere.Need();

        // The kernel takes deferred task work from a single issuer only.
        using var ring = new UringRing(8, 16, Uring.SetupDeferTaskRun | Uring.SetupCoopTaskRun | Uring.SetupTaskRunFlag);
        Assert.That(ring.SetupFlags & Uring.SetupDeferTaskRun, Is.Zero);
        Assert.That(ring.SetupFlags & Uring.SetupCoopTaskRun, Is.Not.Zero);
    }

    [Test]
    [Platform("Linux")]
    public void Reactor_AboveTheLimitOfLockedMemory_IsRefusedInWordsThatHelp()
    {
        UringHere.Need();
        PlatformException? refused = null;
        LockedMemory.WithLimit(0, () =>
        {
            try
            {
                new UringReactor().Dispose();
            }
            catch (PlatformException e)
            {
                refused = e;
            }
        });
        if (refused is null)
            Assert.Ignore("This kernel does not count rings against the limit of locked memory: those from 5.12 to 6.13 do not.");
        Assert.That((refused.Operation, refused.Error), Is.EqualTo(("io_uring_setup", 12)));
        Assert.That(refused.Message, Does.Contain("limit of locked memory"));
        Assert.That(refused.Remedy, Does.Contain("ulimit -l").And.Contain("ReactorChoice.Epoll"));
    }

    [TestCase(1, 2, "nobody may use it", "io_uring_disabled to 0")]
    [TestCase(1, 1, "io_uring_group", "Add the user to that group")]
    [TestCase(1, 0, "seccomp", "seccomp profile")]
    [TestCase(1, null, "seccomp", "seccomp profile")]
    [TestCase(12, 0, "locked memory", "ulimit -l")]
    [TestCase(24, 0, "no descriptor left", "ulimit -n")]
    [TestCase(38, null, "too old", "newer kernel")]
    [TestCase(5, 0, "does not say why", "log")]
    public void Refusal_OfTheKernel_NamesTheCauseAndTheRemedy(int error, int? disabled, string cause, string remedy)
    {
        var refused = UringRefusal.Of("io_uring_setup", error, disabled);
        Assert.That(refused.Error, Is.EqualTo(error));
        Assert.That(refused.Message, Does.Contain(cause).And.Contain("io_uring_setup"));
        Assert.That(refused.Remedy, Does.Contain(remedy));
    }

    private static int[] Offsets<T>(params string[] fields) => [.. fields.Select(field => (int)Marshal.OffsetOf<T>(field))];
}
