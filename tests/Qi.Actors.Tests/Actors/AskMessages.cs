namespace Qi.Actors.Tests.Actors;

/// <summary>A question with an address for the answer.</summary>
internal sealed record Question(int Number, ReplyTo<int> ReplyTo);
