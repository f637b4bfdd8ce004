using System.Runtime.CompilerServices;

using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing;

/// <summary>Keeps the dead letters of a simulated system: the messages that nobody handled.</summary>
/// <remarks><b>Threads</b>: the simulation's own. <b>Units</b>: all times are virtual.</remarks>
public sealed class DeadLetterRecorder
{
    private readonly SimulatedWorld _world;
    private readonly List<Kept> _letters = [];

    internal DeadLetterRecorder(SimulatedWorld world)
    {
        _world = world;
        world.System.DeadLetters.Observed += letter => _letters.Add(new Kept(TimeSpan.FromTicks(world.Time.NowTicks), letter));
    }

    /// <summary>All so far, the oldest first. A copy.</summary>
    public IReadOnlyList<DeadLetter> All => _letters.ConvertAll(kept => kept.Letter);

    /// <summary>Expects a message to have become a dead letter, or to become one.</summary>
    /// <param name="reason">Why; null for any reason.</param>
    /// <param name="within">How long to wait for it; null for <see cref="SimulationOptions.ExpectWithin"/>.</param>
    /// <typeparam name="TMessage">The type of the message, or a type that it is derived from.</typeparam>
    /// <returns>The oldest one that no other expectation has taken.</returns>
    /// <exception cref="ExpectationException">There is none.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task<DeadLetter> ExpectAsync<TMessage>(DeadLetterReason? reason = null, TimeSpan? within = null)
        => _world.CallAsync(() => FindAsync<TMessage>(null, "", reason, within));

    /// <summary>Expects a message for which a condition holds to have become a dead letter, or to become one.</summary>
    /// <param name="predicate">The condition.</param>
    /// <param name="reason">Why; null for any reason.</param>
    /// <param name="within">How long to wait for it; null for <see cref="SimulationOptions.ExpectWithin"/>.</param>
    /// <param name="condition">Leave it out: the compiler gives the condition's text, for the failure's message.</param>
    /// <inheritdoc cref="ExpectAsync{TMessage}(DeadLetterReason?, TimeSpan?)"/>
    public Task<DeadLetter> ExpectAsync<TMessage>(
        Func<TMessage, bool> predicate,
        DeadLetterReason? reason = null,
        TimeSpan? within = null,
        [CallerArgumentExpression(nameof(predicate))] string condition = "")
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return _world.CallAsync(() => FindAsync(predicate, condition, reason, within));
    }

    /// <inheritdoc cref="ExpectAsync{TMessage}(DeadLetterReason?, TimeSpan?)"/>
    public DeadLetter Expect<TMessage>(DeadLetterReason? reason = null, TimeSpan? within = null)
        => _world.Call(() => ExpectAsync<TMessage>(reason, within), nameof(Expect));

    /// <inheritdoc cref="ExpectAsync{TMessage}(Func{TMessage, bool}, DeadLetterReason?, TimeSpan?, string)"/>
    public DeadLetter Expect<TMessage>(
        Func<TMessage, bool> predicate,
        DeadLetterReason? reason = null,
        TimeSpan? within = null,
        [CallerArgumentExpression(nameof(predicate))] string condition = "")
        => _world.Call(() => ExpectAsync(predicate, reason, within, condition), nameof(Expect));

    /// <summary>Fails if there is a dead letter that no expectation has taken. Looks, and runs nothing.</summary>
    /// <exception cref="ExpectationException">There is one. The message lists ten of them at most.</exception>
    public void AssertNone()
    {
        string[] rest = Rest();
        if (rest.Length > 0)
            throw Failed("No dead letter was expected, but there " + (rest.Length == 1 ? "is one" : $"are {rest.Length}"), WaitEnding.TimeUp);
    }

    private async Task<DeadLetter> FindAsync<TMessage>(Func<TMessage, bool>? predicate, string condition, DeadLetterReason? reason, TimeSpan? within)
    {
        var limit = _world.LimitOf(within);
        Kept? found = null;
        int next = 0;
        var ending = await _world.UntilAsync(
            () =>
            {
                while (found is null && next < _letters.Count)
                {
                    var kept = _letters[next++];
                    if (!kept.IsTaken && kept.Letter.Message is TMessage message && (reason ?? kept.Letter.Reason) == kept.Letter.Reason && (predicate?.Invoke(message) ?? true))
                        found = kept;
                }

                return found is not null;
            },
            limit);
        if (found is null)
        {
            string what = Shown.AnyOf(typeof(TMessage)) + (condition.Length == 0 ? "" : $" with {condition}");
            throw Failed($"Expected {what} to become a dead letter{(reason is null ? "" : $" ({reason})")} within {limit.Within}, but none did", ending);
        }

        found.IsTaken = true;
        return found.Letter;
    }

    private string[] Rest() => [.. _letters.Where(kept => !kept.IsTaken).Select(kept => kept.ToString())];

    private ExpectationException Failed(string what, WaitEnding ending)
    {
        var now = TimeSpan.FromTicks(_world.Time.NowTicks);
        return new ExpectationException($"{what}.{Shown.Moment(now, ending)}{Shown.List("Dead letters not expected so far, the oldest first:", Rest())}", now);
    }

    private sealed class Kept(TimeSpan time, DeadLetter letter)
    {
        public DeadLetter Letter => letter;

        public bool IsTaken { get; set; }

        public override string ToString() => $"{time} {letter.Path} {letter.Reason}: {Shown.Value(letter.Message)}";
    }
}
