// A probe is an actor of the system under test, so what is sent to it comes by the same way, in the same order, at the same virtual time as
// to any other. It keeps what it is sent; expectations read that from a mark on, which each of them moves.
//
// This file: what it keeps and how it reacts. TestProbe.Expect.cs and TestProbe.ExpectAsync.cs: the two faces of the expectations, of which
// the asynchronous one does the work. TestProbe.Sequences.cs: expectations of several messages.

using System.Runtime.CompilerServices;

using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing;

/// <summary>An actor of the test: give its <see cref="Ref"/> to the code under test, and say what you expect it to be sent.</summary>
/// <typeparam name="T">The type of its messages.</typeparam>
/// <remarks>
/// Made by <see cref="TestSystem.CreateProbe"/> or <see cref="SimulationContext.CreateProbe"/>. Every expectation has two forms: one that runs
/// the simulation and returns, for a <see cref="TestSystem"/>; and one to be awaited, inside of <see cref="Simulation.Run"/> and
/// <see cref="TestSystem.Run(Func{Task})"/>. <b>Threads</b>: the simulation's own. <b>Units</b>: all times are virtual; a wait of an hour takes microseconds.
/// <b>Order</b>: messages from one sender come in the order they were sent; between senders the seed decides. Faults do not strike probes by chance.
/// </remarks>
public sealed partial class TestProbe<T>
{
    private readonly SimulatedWorld _world;
    private readonly List<ReceivedMessage<T>> _received = [];
    private readonly List<Func<T, bool>> _ignored = [];
    private readonly List<Action<T>> _reactions = [];
    private int _read;

    internal TestProbe(SimulatedWorld world, string name)
    {
        _world = world;
        Ref = world.System.Spawn<T>(Receive, name);
        world.Injector.Spare(Ref);
    }

    /// <summary>The probe's address.</summary>
    public ActorRef<T> Ref { get; }

    /// <summary>All messages so far, with their times, the oldest first; without the ignored ones. A copy.</summary>
    public IReadOnlyList<ReceivedMessage<T>> Received => [.. _received];

    /// <summary>The messages that no expectation has taken yet, the oldest first. A copy.</summary>
    public IReadOnlyList<T> Unread => [.. _received.Skip(_read).Select(received => received.Message)];

    /// <summary>How many messages were ignored.</summary>
    public int IgnoredCount { get; private set; }

    /// <summary>From now on, messages like these are neither kept nor expected; answers and other reactions are given all the same.</summary>
    /// <param name="predicate">Which. Several calls add up.</param>
    public void Ignore(Func<T, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        _ignored.Add(predicate);
    }

    /// <summary>From now on, messages of a type are ignored.</summary>
    /// <typeparam name="TMessage">The type, with those derived from it.</typeparam>
    public void Ignore<TMessage>()
        where TMessage : T
        => _ignored.Add(static message => message is TMessage);

    /// <summary>From now on, nothing is ignored any more.</summary>
    public void IgnoreNothing() => _ignored.Clear();

    /// <summary>Takes the messages that have come so far as expected, whatever they are.</summary>
    public void Clear() => _read = _received.Count;

    /// <summary>Calls an action with each message that comes from now on, in the probe's turn.</summary>
    /// <param name="action">What the probe does. If it throws, the simulation fails.</param>
    public void WhenReceived(Action<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _reactions.Add(action);
    }

    /// <summary>Calls an action with each message of a type.</summary>
    /// <param name="action">What the probe does. If it throws, the simulation fails.</param>
    /// <typeparam name="TMessage">The type, with those derived from it.</typeparam>
    public void WhenReceived<TMessage>(Action<TMessage> action)
        where TMessage : T
    {
        ArgumentNullException.ThrowIfNull(action);
        _reactions.Add(message =>
        {
            if (message is TMessage wanted)
                action(wanted);
        });
    }

    /// <summary>Answers each question of a type. It is kept and can be expected like any other message.</summary>
    /// <param name="replyTo">Where the reply goes: the question's <see cref="ReplyTo{TReply}"/>.</param>
    /// <param name="answer">The reply. If it throws, the asker's await throws it.</param>
    /// <typeparam name="TQuestion">The type of the questions.</typeparam>
    /// <typeparam name="TReply">The type of the replies.</typeparam>
    public void Answer<TQuestion, TReply>(Func<TQuestion, ReplyTo<TReply>> replyTo, Func<TQuestion, TReply> answer)
        where TQuestion : T
    {
        ArgumentNullException.ThrowIfNull(replyTo);
        ArgumentNullException.ThrowIfNull(answer);
        WhenReceived<TQuestion>(question =>
        {
            TReply reply;
            try
            {
                reply = answer(question);
            }
            catch (Exception e)
            {
                replyTo(question).Fail(e);
                return;
            }

            replyTo(question).Tell(reply);
        });
    }

    /// <inheritdoc/>
    public override string ToString() => $"Probe {Ref.Path}";

    private void Receive(T message)
    {
        try
        {
            if (_ignored.Exists(predicate => predicate(message)))
                IgnoredCount++;
            else
                _received.Add(new ReceivedMessage<T>(TimeSpan.FromTicks(_world.Time.NowTicks), message));
            foreach (var reaction in _reactions.ToArray())
                reaction(message);
        }
        catch (Exception e)
        {
            _world.Fail(new ExpectationException($"{this} was to react to {Shown.Value(message)}, and what the test gave it for that has thrown {e.GetType().Name}: {e.Message}", e));
        }
    }

    private bool HasUnread() => _read < _received.Count;

    private ExpectationException Failed(string expected, SimulatedWorld.Limit? limit, string instead, WaitEnding ending = WaitEnding.TimeUp)
    {
        var now = TimeSpan.FromTicks(_world.Time.NowTicks);
        string within = limit is { } time ? $" within {time.Within}" : "";
        string unread = Shown.List("Not expected so far, the oldest first:", [.. _received.Skip(_read).Select(received => received.ToString())]);
        return new ExpectationException($"{this} expected {expected}{within}, but {instead}.{Shown.Moment(now, ending)}{unread}", now);
    }

    private static string Where(string what, string condition) => condition.Length == 0 ? what : $"{what} with {condition}";
}
