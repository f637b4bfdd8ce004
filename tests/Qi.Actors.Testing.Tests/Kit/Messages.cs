namespace Qi.Actors.Testing.Tests.Kit;

internal abstract record Letter;

internal sealed record Ping(int Id) : Letter;

internal sealed record Pong(int Id) : Letter;

internal sealed record Question(string Text, ReplyTo<int> Reply) : Letter;

/// <summary>Expects an expectation to fail.</summary>
internal static class Failing
{
    public static ExpectationException Of(Action code) => Assert.Throws<ExpectationException>(code)!;

    public static string Message(Action code) => Of(code).Message;
}
