using Qi.Actors.Workloads.Savina;

namespace Qi.Actors.Workloads.Tests.Savina;

/// <summary>What each workload holds its result against notices what it is there to notice.</summary>
internal sealed class CheckTests
{
    private const int Size = 1200;

    private ActorSystem _system = null!;

    [SetUp]
    public void SetUp() => _system = new ActorSystem();

    [TearDown]
    public async Task TearDown() => await _system.DisposeAsync();

    [Test]
    public void RunOnce_WhenMessagesAreLost_Throws()
    {
        var rendering = new Rendering("losing", Counting.Run<LosingCarrier>);

        Assert.That(() => Counting.Workload.RunOnce(rendering, _system, Size), Throws.InvalidOperationException);
    }

    [Test]
    public void RunOnce_WhenMessagesComeTwice_Throws()
    {
        var rendering = new Rendering("repeating", Counting.Run<RepeatingCarrier>);

        Assert.That(() => Counting.Workload.RunOnce(rendering, _system, Size), Throws.InvalidOperationException);
    }

    [Test]
    public void End_WhenARoleFindsSomethingWrong_Throws()
        => Assert.That(
            () => Big.Run<RepeatingCarrier>(_system, Size),
            Throws.InvalidOperationException.With.Message.Contains("got a pong"));

    [Test]
    public void End_OfSeveralParts_GivesTheirSum()
    {
        var round = new Round<QiCarrier>(_system);
        round.AwaitParts(3);
        for (int i = 1; i <= 3; i++)
            round.Add(new Finisher<QiCarrier>(round)).Tell(i);

        Assert.That(round.End(), Is.EqualTo(6));
    }

    [Test]
    public void End_WhenAnActorThrows_Throws() => AssertThrowsWhatARoleThrows<QiCarrier>();

    [Test]
    public void End_WhenABlockThrows_Throws() => AssertThrowsWhatARoleThrows<BlockCarrier>();

    [TestCase(0, 999, 1)]
    [TestCase(17, 18, 5)]
    [TestCase(3, 3, 1)]
    public void Digest_WhenMoneyMovesOrIsLost_Changes(int from, int to, long amount)
    {
        long[] balances = new long[Transfers.Accounts];
        Array.Fill(balances, Transfers.InitialBalance);
        long before = Transfers.Digest(balances);

        balances[from] -= amount;
        if (to != from)
            balances[to] += amount;

        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(Transfers.DigestAfter(0)));
            Assert.That(Transfers.Digest(balances), Is.Not.EqualTo(before));
        });
    }

    [Test]
    public void Make_OfTransfers_PaysLaterAccountsOnly()
        => Assert.That(
            Transfers.Make(10_000),
            Is.All.Matches<Transfer>(
                static transfer => transfer.From >= 0 && transfer.From < transfer.To && transfer.To < Transfers.Accounts));

    [Test]
    public void BelongsTo_ForAnotherKeysValue_IsFalse()
        => Assert.Multiple(() =>
        {
            Assert.That(ConcurrentDictionary.BelongsTo(5, 5), Is.True);
            Assert.That(ConcurrentDictionary.BelongsTo(5, 5 + (int.MaxValue / 4096)), Is.True);
            Assert.That(ConcurrentDictionary.BelongsTo(5, 6), Is.False);
        });

    [TestCase(0, 0, 0)]
    [TestCase(0, 1, 2)]
    [TestCase(2, 0, 1)]
    [TestCase(1, 2, 0)]
    public void Complement_OfTwoColours_IsTheSameOrTheThird(int one, int other, int expected)
        => Assert.That(Chameneos.Complement(one, other), Is.EqualTo(expected));

    [Test]
    public void SortedList_OfNumbersInAnyOrder_IsSoundAndHasThem()
    {
        var list = new SortedList();
        foreach (int value in new[] { 3, int.MaxValue, -7, 3, int.MinValue })
            list.Add(value);

        Assert.Multiple(() =>
        {
            Assert.That(list.IsSound, Is.True);
            Assert.That(list.Count, Is.EqualTo(5));
            Assert.That(list.Contains(-7), Is.True);
            Assert.That(list.Contains(4), Is.False);
        });
    }

    private void AssertThrowsWhatARoleThrows<TCarrier>()
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(_system);
        round.Add(new Thrower<TCarrier>()).Tell(0);

        Assert.That(round.End, Throws.InstanceOf<NotSupportedException>());
    }

    private sealed class Finisher<TCarrier>(Round<TCarrier> round) : Role<TCarrier, int>
        where TCarrier : struct, ICarrier
    {
        public override void Receive(int message) => round.Finish(message);
    }

    private sealed class Thrower<TCarrier> : Role<TCarrier, int>
        where TCarrier : struct, ICarrier
    {
        public override void Receive(int message) => throw new NotSupportedException("This role only throws.");
    }
}
