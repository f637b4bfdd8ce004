using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

internal sealed class ActorNameTests
{
    [Test]
    public async Task Spawn_WithAName_IsFoundByIt()
    {
        await using var system = new TestSystem();
        var actor = system.Actors.Spawn<int>(_ => { }, "orders");

        Assert.That(system.Actors.Get<int>("orders"), Is.SameAs(actor));
        Assert.That(system.Actors.TryGet<int>("orders", out var found), Is.True);
        Assert.That(found, Is.SameAs(actor));
        Assert.That((actor.Path.Value, actor.Path.Name, actor.ToString()), Is.EqualTo(("/user/orders", "orders", "/user/orders (Int32)")));
        Assert.That(actor.Path, Is.EqualTo(ActorPath.ForUser("orders")));
    }

    [Test]
    public async Task Spawn_WithoutAName_GivesEachAPathOfItsOwn()
    {
        await using var system = new TestSystem();
        var actors = Enumerable.Range(0, 10).Select(_ => system.Actors.Spawn<int>(_ => { })).ToArray();

        Assert.That(actors.Select(actor => actor.Path).Distinct().Count(), Is.EqualTo(10));
        Assert.That(actors.Select(actor => actor.Path.Name), Is.All.StartsWith("$"));
    }

    [Test]
    public async Task Spawn_WithATakenName_NamesThePath()
    {
        await using var system = new TestSystem();
        var first = system.Actors.Spawn<int>(_ => { }, "orders");

        var thrown = Assert.Throws<DuplicateActorNameException>(() => system.Actors.Spawn<string>(_ => { }, "orders"))!;

        Assert.That(thrown.Path, Is.EqualTo(first.Path));
        Assert.That(thrown.Message, Does.Contain("/user/orders"));
        Assert.That(system.Actors.Statistics.Actors, Is.EqualTo(1));
    }

    [Test]
    public async Task Get_OfNobody_NamesThePath()
    {
        await using var system = new TestSystem();

        var thrown = Assert.Throws<ActorNotFoundException>(() => system.Actors.Get<int>("orders"))!;

        Assert.That((thrown.Path, thrown.MessageType), Is.EqualTo((ActorPath.ForUser("orders"), typeof(int))));
        Assert.That(thrown.Message, Does.Contain("/user/orders"));
        Assert.That(system.Actors.TryGet<int>("orders", out _), Is.False);
    }

    [Test]
    public async Task Get_WithTheWrongType_NamesBothTypes()
    {
        await using var system = new TestSystem();
        system.Actors.Spawn<string>(_ => { }, "orders");

        var thrown = Assert.Throws<ActorNotFoundException>(() => system.Actors.Get<int>("orders"))!;

        Assert.That(thrown.Message, Does.Contain("/user/orders").And.Contain("String").And.Contain("Int32"));
        Assert.That(system.Actors.TryGet<int>("orders", out _), Is.False);
    }

    [TestCase("", "is empty")]
    [TestCase("$1", "begins with $")]
    [TestCase("a/b", "'/' (U+002F)")]
    [TestCase("a b", "(U+0020)")]
    [TestCase("a\u0007", "(U+0007)")]
    public async Task Spawn_WithABadName_SaysWhatIsWrong(string name, string problem)
    {
        await using var system = new TestSystem();

        Assert.That(() => system.Actors.Spawn<int>(_ => { }, name), Throws.ArgumentException.With.Message.Contains(problem));
        Assert.That(() => system.Actors.Get<int>(name), Throws.ArgumentException);
    }

    [TestCase(256, true)]
    [TestCase(257, false)]
    public void Path_OfALongName_HasALimit(int length, bool isValid)
    {
        string name = new('a', length);

        if (isValid)
            Assert.That(ActorPath.ForUser(name).Name, Is.EqualTo(name));
        else
            Assert.That(() => ActorPath.ForUser(name), Throws.ArgumentException.With.Message.Contains("257 characters"));
    }

    [Test]
    public async Task Spawn_OfTheSameInstanceTwice_Throws()
    {
        await using var system = new TestSystem();
        var actor = new Plain();
        system.Actors.Spawn<int>(() => actor);

        Assert.That(() => system.Actors.Spawn<int>(() => actor), Throws.InvalidOperationException.With.Message.Contains(nameof(Plain)));
        Assert.That(() => system.Actors.Spawn((Func<ActorBase<int>>)(() => null!)), Throws.InvalidOperationException.With.Message.Contains("null"));
    }

    [Test]
    public async Task Spawn_ByManyThreadsUnderOneName_LetsOneWin()
    {
        await using var system = new TestSystem();
        for (int round = 0; round < 100; round++)
        {
            var tries = await Signal.Within(Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                try
                {
                    return system.Actors.Spawn<int>(_ => { }, "one");
                }
                catch (DuplicateActorNameException)
                {
                    return null;
                }
            }))));
            var winner = tries.Single(actor => actor is not null)!;
            await Signal.Within(winner.StopAsync());
        }
    }

    [Test]
    public async Task Options_CopiedAfterUse_KeepTheirOwnValues()
    {
        await using var system = new TestSystem();
        var low = new ActorOptions { Priority = Priority.Low };
        Assert.That(system.Actors.Spawn<int>(_ => { }, null, low).Priority, Is.EqualTo(Priority.Low));

        var high = low with { Priority = Priority.High, Mailbox = MailboxOptions.Bounded(1) };
        var actor = system.Actors.Spawn<int>(_ => { }, null, high);

        Assert.That((actor.Priority, actor.MailboxCount), Is.EqualTo((Priority.High, 0)));
        Assert.That(low == (high with { Priority = Priority.Low, Mailbox = MailboxOptions.Unbounded }), Is.True);
        Assert.That(() => new ActorOptions { Priority = (Priority)9 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private sealed class Plain : Actor<int>
    {
        protected override void Receive(int message)
        {
        }
    }
}
