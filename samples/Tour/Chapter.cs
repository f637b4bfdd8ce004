namespace Tour;

/// <summary>A part of the tour.</summary>
internal sealed record Chapter(string Title, Func<Task> RunAsync);
