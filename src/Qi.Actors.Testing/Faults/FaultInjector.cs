// Decides, at each occurrence of what may fail, whether it does: by the script, by what the test has asked for, or by chance; and notes
// what has struck, so that the same faults can be had again as a script.
//
// Its generator is its own: whether a fault is drawn or read from a script makes no difference to the order of turns.

using System.Runtime.CompilerServices;
using System.Threading.Tasks.Dataflow;

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Testing.Faults;

/// <summary>The faults of one simulation.</summary>
internal sealed class FaultInjector
{
    private readonly FaultPlan _plan;
    private readonly Dictionary<(FaultKind Kind, string? Actor, long Occurrence), Fault> _script = [];
    private readonly Dictionary<RunItem, Target> _targets = new(ReferenceEqualityComparer.Instance);
    private readonly List<Fault> _struck = [];
    private readonly bool _isIdle;
    private Rng _rng;
    private long _waits;
    private long _turns;

    public FaultInjector(FaultPlan plan, ulong seed)
    {
        _plan = plan;
        _isIdle = plan.IsNone;
        _rng = new Rng(~seed);
        foreach (var fault in plan.Script)
            _script[(fault.Kind, fault.Actor, fault.Occurrence)] = fault;
    }

    /// <summary>What has struck so far, in order.</summary>
    public IReadOnlyList<Fault> Struck => _struck;

    /// <summary>What the script names that has not struck.</summary>
    public IEnumerable<Fault> Missed => _plan.Script.Except(_struck);

    /// <summary>An actor stops at once.</summary>
    public static void Kill(RunItem actor) => ((IDataflowBlock)actor).Fault(new SimulatedFaultException($"The test killed {PathOf(actor)}."));

    /// <summary>An actor's next turn is put off.</summary>
    public void DelayNext(RunItem actor, TimeSpan by) => TargetOf(actor).NextDelay = by;

    /// <summary>An actor's handler throws at its next message.</summary>
    public void ThrowAtNext(RunItem actor, Exception? exception)
        => TargetOf(actor).NextThrow = exception ?? new SimulatedFaultException($"The test made the handler of {PathOf(actor)} throw.");

    /// <summary>Chance does not strike this actor: it belongs to the test.</summary>
    public void Spare(RunItem actor)
    {
        if (!_isIdle)
            _targets[actor] = new Target(PathOf(actor).Value, mayBeStruck: false);
    }

    /// <summary>Before any turn: by how much the clock is to jump.</summary>
    public TimeSpan JumpBeforeTurn()
        => _isIdle ? TimeSpan.Zero : Strike(FaultKind.ClockJump, null, ++_turns, _plan.ClockJumpRate, _plan.MaxClockJump)?.Amount ?? TimeSpan.Zero;

    /// <summary>Before an actor's turn: by how much to put it off. It may be killed here too.</summary>
    public TimeSpan DelayBefore(RunItem actor)
    {
        if (_isIdle && _targets.Count == 0)
            return TimeSpan.Zero;
        var target = TargetOf(actor);
        if (target.IsBack)
        {
            target.IsBack = false;
            return TimeSpan.Zero;
        }

        target.Turns++;
        if (Strike(FaultKind.Kill, target, target.Turns, _plan.KillRate, TimeSpan.Zero) is not null)
            ((IDataflowBlock)actor).Fault(new SimulatedFaultException($"The simulation killed {target.Path} before its turn {target.Turns}."));
        var delay = Strike(FaultKind.Delay, target, target.Turns, _plan.DelayRate, _plan.MaxDelay)?.Amount ?? target.NextDelay;
        target.NextDelay = TimeSpan.Zero;
        target.IsBack = delay > TimeSpan.Zero;
        return delay;
    }

    /// <summary>An actor is about to handle a message: throws if it is to fail.</summary>
    public void BeforeHandling(RunItem actor, object? message)
    {
        if (_isIdle && _targets.Count == 0)
            return;
        var target = TargetOf(actor);
        target.Messages++;
        if (target.NextThrow is { } exception)
        {
            target.NextThrow = null;
            throw exception;
        }

        if (Strike(FaultKind.Throw, target, target.Messages, _plan.ThrowRate, TimeSpan.Zero) is not null)
            throw new SimulatedFaultException($"The simulation made the handler of {target.Path} throw at its message {target.Messages}, a {message?.GetType().Name ?? "null"}.");
    }

    /// <summary>Everything waits for a timer: by how much it is to be late.</summary>
    public TimeSpan LatenessOfWait()
        => _isIdle ? TimeSpan.Zero : Strike(FaultKind.LateTimer, null, ++_waits, _plan.LateTimerRate, _plan.MaxLateness)?.Amount ?? TimeSpan.Zero;

    private Fault? Strike(FaultKind kind, Target? target, long occurrence, double rate, TimeSpan most)
    {
        if (!_script.TryGetValue((kind, target?.Path, occurrence), out var fault))
        {
            if (rate == 0 || target is { MayBeStruck: false } || _rng.NextDouble() >= rate)
                return null;
            var amount = TimeSpan.FromTicks(most == TimeSpan.Zero ? 0 : 1 + (long)(_rng.NextDouble() * most.Ticks));
            fault = Fault.Make(kind, target?.Path, occurrence, amount);
        }

        _struck.Add(fault);
        return fault;
    }

    private Target TargetOf(RunItem actor)
    {
        if (_targets.TryGetValue(actor, out var target))
            return target;
        var path = PathOf(actor);
        target = new Target(path.Value, _plan.Targets?.Invoke(path) ?? true);
        _targets.Add(actor, target);
        return target;
    }

    private static ActorPath PathOf(RunItem actor) => Unsafe.As<ILiveActor>(actor).Path;

    private sealed class Target(string path, bool mayBeStruck)
    {
        public string Path => path;

        public bool MayBeStruck => mayBeStruck;

        public long Turns { get; set; }

        public long Messages { get; set; }

        public bool IsBack { get; set; }

        public TimeSpan NextDelay { get; set; }

        public Exception? NextThrow { get; set; }
    }
}
