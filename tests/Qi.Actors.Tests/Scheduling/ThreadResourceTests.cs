using Qi.Actors.Scheduling;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>What a layer above keeps for a dispatcher's thread.</summary>
internal sealed class ThreadResourceTests
{
    [Test]
    public void Sleeper_ThatHoldsSomething_WakesToTrimIt()
    {
        using var pool = new TestPool(TestPool.Settings(1));
        using var resource = new HeldResource(trims: 3);
        pool.Pool.Schedule(new CallItem(_ => ThreadContext.Instance.Resource = resource));
        Signal.Block(resource.Trimmed, "trims, though nothing runs");
    }

    private sealed class HeldResource(int trims) : IThreadResource, IDisposable
    {
        private int _trims;

        public ManualResetEventSlim Trimmed { get; } = new();

        public long Trim(long nowNs)
        {
            if (++_trims == trims)
                Trimmed.Set();
            return 1;
        }

        public void Close()
        {
            // It holds nothing.
        }

        public void Dispose() => Trimmed.Dispose();
    }
}
