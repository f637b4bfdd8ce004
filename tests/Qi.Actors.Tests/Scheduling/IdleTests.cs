using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>The counts of who searches and who sleeps.</summary>
public sealed class IdleTests
{
    [Test]
    public void ShouldWake_IsTrueWhileSomebodyIsParkedAndNobodySearches()
    {
        var (subject, dispatchers) = Make(4);
        Assert.That(subject.ShouldWake, Is.False);
        Assert.That(subject.Publish(dispatchers[0]), Is.True);
        Assert.That(subject.ShouldWake, Is.True);
        Assert.That(subject.TryBeginSearch(), Is.True);
        Assert.That(subject.ShouldWake, Is.False);
        Assert.That(subject.Publish(dispatchers[1]), Is.False, "somebody searches");
        Assert.That(subject.TakeToWake(), Is.Null, "somebody searches");
        Assert.That(subject.EndSearch(), Is.True);
        Assert.That((subject.ParkedCount, subject.SearchingCount), Is.EqualTo((2, 0)));
    }

    [Test]
    public void AreWakesVain_IsTrueAfterTwoInARow()
    {
        var (subject, _) = Make(2);
        subject.NoteWake(isVain: true);
        Assert.That(subject.AreWakesVain, Is.False);
        subject.NoteWake(isVain: true);
        Assert.That(subject.AreWakesVain, Is.True);
        subject.NoteWake(isVain: false);
        subject.NoteWake(isVain: true);
        Assert.That(subject.AreWakesVain, Is.False, "one has found something since");
    }

    [Test]
    public void TakeToWake_CountsTheOneItTakesAsSearching()
    {
        var (subject, dispatchers) = Make(2);
        subject.Publish(dispatchers[0]);
        subject.Publish(dispatchers[1]);
        var taken = subject.TakeToWake();
        Assert.That(taken, Is.SameAs(dispatchers[1]));
        Assert.That((subject.ParkedCount, subject.SearchingCount), Is.EqualTo((1, 1)));
        Assert.That(subject.Retract(taken!), Is.False);
        Assert.That(subject.Retract(dispatchers[0]), Is.True);
        Assert.That(subject.EndSearch(), Is.True);
        Assert.That((subject.ParkedCount, subject.SearchingCount), Is.Zero.Or.EqualTo((0, 0)));
    }

    [Test]
    [Category("Stress")]
    public async Task TryBeginSearch_FromManyThreads_NeverAdmitsMoreThanHalf()
    {
        const int Limit = 2;
        var (subject, _) = Make(4);
        int most = 0;
        await Signal.Within(Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                if (!subject.TryBeginSearch())
                    continue;
                int now = subject.SearchingCount;
                if (now > Atomic.Read(ref most))
                    Atomic.Write(ref most, now);
                subject.EndSearch();
            }
        }))));
        Assert.That(most, Is.LessThanOrEqualTo(Limit));
        Assert.That(subject.SearchingCount, Is.Zero);
    }

    [Test]
    [Category("Stress")]
    public async Task Everything_AtOnce_KeepsTheCounts()
    {
        var (subject, dispatchers) = Make(4);
        await Signal.Within(Task.WhenAll(dispatchers.Select(dispatcher => Task.Run(() =>
        {
            for (int i = 0; i < 50_000; i++)
            {
                subject.Publish(dispatcher);
                if (i % 3 == 0 && subject.TakeToWake() is { } woken && woken == dispatcher)
                {
                    subject.EndSearch();
                    continue;
                }

                if (!subject.Retract(dispatcher))
                    subject.EndSearch(); // taken by somebody else: this one counts as searching
            }
        }))));
        Assert.That((subject.ParkedCount, subject.SearchingCount), Is.EqualTo((0, 0)));
    }

    private static (Idle Subject, Dispatcher[] Dispatchers) Make(int dispatchers)
    {
        var pool = new DispatcherPool(TestPool.Settings(dispatchers) with { Logger = NullLogger.Instance });
        return (new Idle(dispatchers), pool.Dispatchers);
    }
}
