using Microsoft.Extensions.Logging;

using Qi.Actors;
using Qi.Actors.Testing;

namespace Transfers.Tests;

/// <summary>Ordinary tests of one actor, by hand, in virtual time.</summary>
internal sealed class AccountTests
{
    // snippet: test-system
    [Test]
    public void Withdraw_MoreThanThereIs_IsRefused()
    {
        using var test = new TestSystem();
        var account = test.System.Spawn<AccountMessage>(() => new Account(balance: 100));

        bool isPaid = test.Ask<AccountMessage, bool>(account, reply => new Withdraw(Guid.NewGuid(), 150, reply));

        Assert.That(isPaid, Is.False);
        Assert.That(test.Ask<AccountMessage, int>(account, reply => new GetBalance(reply)), Is.EqualTo(100));
    }
    // end snippet

    // snippet: probe
    [Test]
    public void Transfer_FromAnAccountThatIsSilent_IsUndoneAfterASecond()
    {
        using var test = new TestSystem();
        var from = test.CreateProbe<AccountMessage>("from");
        var to = test.CreateProbe<AccountMessage>("to");

        var transfer = Transfer.RunAsync(Guid.NewGuid(), from.Ref, to.Ref, 10);

        from.Expect<Withdraw>(withdraw => withdraw.Amount == 10);
        from.Expect<Undo>(within: TimeSpan.FromSeconds(2)); // virtual ones: the test takes no time
        to.ExpectNone(TimeSpan.FromHours(1));
        Assert.That(test.Wait(transfer), Is.False);
    }
    // end snippet

    // snippet: event-filter
    [Test]
    public void Account_ThatFails_IsLoggedAndItsMessagesAreDeadLetters()
    {
        using var test = new TestSystem();
        var account = test.System.Spawn<AccountMessage>(() => new Account(balance: 100), "savings");
        test.Context.ThrowAtNext(account, new InvalidOperationException("The disk is full."));

        test.EventFilter.Error(containing: "/user/savings failed").ExpectOne(() => account.Tell(new Deposit(1)));

        account.Tell(new Deposit(2));
        test.DeadLetters.Expect<Deposit>(DeadLetterReason.Stopped);
        test.Logs.AssertNone(LogLevel.Error); // the expected one does not count
    }
    // end snippet
}
