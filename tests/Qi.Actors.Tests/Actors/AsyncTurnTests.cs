using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

internal sealed class AsyncTurnTests
{
    private const int Rounds = 2_000;

    [Test]
    public async Task Handler_ThatWaited_EndsWithoutTheThreadPool()
    {
        await using var system = new TestSystem();
        var echo = system.Actors.Spawn<ReplyTo<int>>(reply => reply.Tell(1));
        var relay = system.Actors.Spawn<ReplyTo<int>>(async reply => reply.Tell(await echo.AskAsync<int>(inner => inner)));
        async Coroutine<int> AskAllAsync()
        {
            int replies = 0;
            for (int round = 0; round < Rounds; round++)
                replies += await relay.AskAsync<int>(reply => reply);
            return replies;
        }

        long before = ThreadPool.CompletedWorkItemCount;
        int sum = await Signal.Within(system.Actors.Spawn(AskAllAsync).AsTask(), "the end of the asks");
        long poolItems = ThreadPool.CompletedWorkItemCount - before;

        Assert.That(sum, Is.EqualTo(Rounds));
        Assert.That(poolItems, Is.LessThan(Rounds / 2));
    }
}
