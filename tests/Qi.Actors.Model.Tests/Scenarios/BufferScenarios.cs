// Slabs on their way back to their owner. A chunk here holds sixteen, and there is one: when all are rented, the owner must look at what others
// have returned.

using Qi.Actors.IO;
using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Pools of one chunk, and all its slabs.</summary>
internal static class BufferParts
{
    public const int ChunkBytes = 64 * 1024;
    public const int Slabs = ChunkBytes / 4096;

    public static BufferPool MakePool() => new(new BufferPoolOptions { ChunkBytes = ChunkBytes, MemoryLimitBytes = ChunkBytes, ChecksUse = false });

    /// <summary>An owner of which so many slabs are rented, and no thread is attached.</summary>
    public static SlabPool MakeOwner(BufferPool pool, RentedBuffer[] rented)
    {
        var owner = pool.CreateOwner();
        owner.Attach();
        for (int i = 0; i < rented.Length; i++)
            Must.Hold(owner.TryRent(1, out rented[i]), "There is no slab to begin with.");
        owner.Detach();
        return owner;
    }

    /// <summary>True if this return was the one that counts.</summary>
    public static bool TryReturn(RentedBuffer buffer)
    {
        try
        {
            buffer.Return();
            return true;
        }
        catch (BufferMisuseException)
        {
            return false;
        }
    }
}

/// <summary>The owner rents and returns; two others return, and one slab is returned by both of them, and perhaps by the owner too.</summary>
internal sealed class BufferReturnsScenario : Scenario
{
    private readonly RentedBuffer[] _rented = new RentedBuffer[BufferParts.Slabs];
    private readonly int[] _successes = new int[3];
    private BufferPool _pool = null!;
    private SlabPool _owner = null!;
    private int _taken;

    public override string Outcome => $"{_taken}";

    public override void SetUp(Execution execution)
    {
        _pool = BufferParts.MakePool();
        _owner = BufferParts.MakeOwner(_pool, _rented);
        execution.Thread("owner", Own);
        execution.Thread("returner 0", () => Return(0, 0, 1));
        execution.Thread("returner 1", () => Return(1, 2, 0));
    }

    public override void CheckEnd()
    {
        Must.Hold(_successes.Sum() == 3, $"U1: three slabs were returned, and {_successes.Sum()} returns have succeeded.");
        _owner.Attach();
        foreach (var buffer in _rented.AsSpan(3))
            buffer.Return();
        var offsets = new HashSet<int>();
        while (_owner.TryRent(1, out var buffer))
            Must.Hold(offsets.Add(buffer.Slab.Offset), $"P2: the slab at {buffer.Slab.Offset} is in two places.");
        Must.Hold(offsets.Count + _taken == BufferParts.Slabs, $"P2: {offsets.Count} slabs are left, and {_taken} are rented.");
        Must.Hold(_owner.ReturnsWaiting == 0, "R1: something was left.");
        _owner.Detach();
    }

    private void Own()
    {
        _owner.Attach();
        _successes[2] += BufferParts.TryReturn(_rented[0]) ? 1 : 0;
        for (int i = 0; i < 3; i++)
        {
            if (!_owner.TryRent(1, out var buffer))
                continue;
            Must.Hold(buffer.IsRented, "U2: somebody else's return has ended this use.");
            _taken++;
        }

        _owner.Detach();
    }

    private void Return(int returner, params int[] slabs)
    {
        foreach (int slab in slabs)
            _successes[returner] += BufferParts.TryReturn(_rented[slab]) ? 1 : 0;
    }
}

/// <summary>The owner returns one slab and closes; two others return theirs meanwhile. The last one takes the chunk with it.</summary>
internal sealed class BufferCloseScenario : Scenario
{
    private readonly RentedBuffer[] _rented = new RentedBuffer[3];
    private BufferPool _pool = null!;
    private SlabPool _owner = null!;

    public override void SetUp(Execution execution)
    {
        _pool = BufferParts.MakePool();
        _owner = BufferParts.MakeOwner(_pool, _rented);
        execution.Thread("owner", () =>
        {
            _owner.Attach();
            _rented[0].Return();
            _owner.Close();
        });
        execution.Thread("returner 1", () => _rented[1].Return());
        execution.Thread("returner 2", () => _rented[2].Return());
    }

    public override void CheckEnd()
    {
        var statistics = _pool.GetStatistics();
        Must.Hold(statistics.HeldBytes == 0, $"P4: {statistics.HeldBytes} bytes are held for nobody.");
        Must.Hold(statistics.Pools == 1, "P4: a closed pool that has nothing left is still known.");
        Must.Hold(statistics.InUseBytes == 0, "P4: a slab that has come back counts as in use.");
    }
}

/// <summary>Three threads that want memory, and room for two.</summary>
internal sealed class BufferBudgetScenario : Scenario
{
    private readonly BufferBudget _budget = new(limitBytes: 100);
    private readonly bool[] _has = new bool[3];

    public override void SetUp(Execution execution)
    {
        for (int i = 0; i < _has.Length; i++)
        {
            int number = i;
            execution.Thread($"owner {i}", () =>
            {
                _has[number] = _budget.TryAdd(50);
                Must.Hold(_budget.HeldBytes <= 100, "B1: more is held than may be.");
                if (number == 0 && _has[number])
                {
                    _budget.Remove(50);
                    _has[number] = false;
                }
            });
        }
    }

    public override void CheckEnd()
    {
        long held = 50 * _has.Count(has => has);
        Must.Hold(_budget.HeldBytes == held, $"B1: {_budget.HeldBytes} bytes are counted, and {held} are held.");
        Must.Hold(_budget.PeakBytes is 50 or 100 && _budget.PeakBytes >= held, $"The peak is {_budget.PeakBytes}.");
    }
}
