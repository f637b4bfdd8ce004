using System.Globalization;

namespace Qi.Actors.Testing;

/// <summary>One fault of a simulation: what, where, at which occurrence, and by how much.</summary>
/// <remarks>Its text is the C# expression that makes it, for a test to be pasted into.</remarks>
public sealed record Fault
{
    private Fault(FaultKind kind, string? actor, long occurrence, TimeSpan amount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(occurrence, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(amount, TimeSpan.Zero);
        Kind = kind;
        Actor = actor;
        Occurrence = occurrence;
        Amount = amount;
    }

    /// <summary>What it does.</summary>
    public FaultKind Kind { get; }

    /// <summary>The path of the actor that it strikes; null for what concerns the clock.</summary>
    public string? Actor { get; }

    /// <summary>
    /// When it strikes, counted from 1: the message of the actor (<see cref="FaultKind.Throw"/>), its turn (<see cref="FaultKind.Kill"/>,
    /// <see cref="FaultKind.Delay"/>), the wait for a timer (<see cref="FaultKind.LateTimer"/>), the turn of anyone (<see cref="FaultKind.ClockJump"/>).
    /// </summary>
    public long Occurrence { get; }

    /// <summary>By how much: of a delay, a late timer, a jump. Zero for the others.</summary>
    public TimeSpan Amount { get; }

    /// <summary>The handler of an actor throws at its nth message.</summary>
    /// <param name="actor">The actor's path, such as <c>/user/orders</c>.</param>
    /// <param name="message">From 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public static Fault Throw(string actor, long message) => new(FaultKind.Throw, RequirePath(actor), message, TimeSpan.Zero);

    /// <summary>An actor is killed before its nth turn.</summary>
    /// <inheritdoc cref="Throw"/>
    /// <param name="actor">The actor's path, such as <c>/user/orders</c>.</param>
    /// <param name="turn">From 1. An actor's first turn starts it, and each further one handles a message, or goes on with one.</param>
    public static Fault Kill(string actor, long turn) => new(FaultKind.Kill, RequirePath(actor), turn, TimeSpan.Zero);

    /// <summary>An actor's nth turn, and what follows it, is put off.</summary>
    /// <inheritdoc cref="Kill"/>
    /// <param name="actor">The actor's path, such as <c>/user/orders</c>.</param>
    /// <param name="turn">From 1.</param>
    /// <param name="by">More than zero, of virtual time.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1, or the amount not above zero.</exception>
    public static Fault Delay(string actor, long turn, TimeSpan by) => new(FaultKind.Delay, RequirePath(actor), turn, RequireAmount(by));

    /// <summary>The nth time that everything waits for a timer, the clock passes its deadline.</summary>
    /// <param name="wait">From 1.</param>
    /// <param name="by">More than zero, of virtual time.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1, or the amount not above zero.</exception>
    public static Fault LateTimer(long wait, TimeSpan by) => new(FaultKind.LateTimer, null, wait, RequireAmount(by));

    /// <summary>Before the nth turn the clock jumps forward.</summary>
    /// <param name="turn">From 1; the turns of all actors, coroutines and continuations count.</param>
    /// <param name="by">More than zero, of virtual time.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1, or the amount not above zero.</exception>
    public static Fault ClockJump(long turn, TimeSpan by) => new(FaultKind.ClockJump, null, turn, RequireAmount(by));

    /// <inheritdoc/>
    public override string ToString()
    {
        string number = Occurrence.ToString(CultureInfo.InvariantCulture);
        string where = Actor is null ? number : $"\"{Actor}\", {number}";
        return Kind is FaultKind.Throw or FaultKind.Kill
            ? $"Fault.{Kind}({where})"
            : $"Fault.{Kind}({where}, TimeSpan.FromTicks({Amount.Ticks.ToString(CultureInfo.InvariantCulture)}))";
    }

    internal Fault WithAmount(TimeSpan amount) => new(Kind, Actor, Occurrence, amount);

    internal static Fault Make(FaultKind kind, string? actor, long occurrence, TimeSpan amount) => new(kind, actor, occurrence, amount);

    private static TimeSpan RequireAmount(TimeSpan by)
        => by > TimeSpan.Zero
            ? by
            : throw new ArgumentOutOfRangeException(nameof(by), by, "The fault would strike without an effect. Give more than zero, or leave it out.");

    private static string RequirePath(string actor)
    {
        ArgumentException.ThrowIfNullOrEmpty(actor);
        return actor[0] == '/'
            ? actor
            : throw new ArgumentException($"'{actor}' is no actor's path. Give one such as /user/{actor}.", nameof(actor));
    }
}

/// <summary>What a handler that was made to fail, or an actor that was killed, fails with.</summary>
public sealed class SimulatedFaultException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public SimulatedFaultException()
    {
    }

    /// <summary>Creates one.</summary>
    public SimulatedFaultException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with a cause.</summary>
    public SimulatedFaultException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
