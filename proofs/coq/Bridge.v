(** The statements of [Statements.v] from the exported theorems. *)

From Coq Require Import Reals List Arith ZArith Lra Lia.
From Derivations Require Import Prelude.
From Derivations Require Definitions Statements.
(* exported *)
From Derivations Require t_sawtooth_sum t_sawtooth_compose t_network_pieces t_deep_is_perfect
  t_telgarsky_1'2e'1 t_telgarsky_1'2e'2 t_depth_separation_sharp.
Import ListNotations.
Module D := Definitions.
Module S := Statements.
Open Scope R_scope.

(** ** Sawtooth functions: partitions and labellings *)

Lemma least_below (P : nat -> Prop) (decide : forall i, {~ ~ P i} + {~ P i}) (n : nat) :
  {i | (i < n)%nat /\ ~ ~ P i} + {forall i, (i < n)%nat -> ~ P i}.
Proof.
  induction n as [| n before].
  - right; intros i h; lia.
  - destruct before as [[i [small here]] | none].
    + left; exists i; split; [lia | exact here].
    + destruct (decide n) as [here | not_here].
      * left; exists n; split; [lia | exact here].
      * right; intros i small; destruct (Nat.eq_dec i n) as [-> | other]; auto.
        apply none; lia.
Qed.

Lemma labelling (pieces : nat) (piece : nat -> R -> Prop) :
  (forall x, exists i, (i < pieces)%nat /\ piece i x) ->
  {label : R -> nat | forall x, (label x < pieces)%nat /\ ~ ~ piece (label x) x}.
Proof.
  intro cover.
  assert (at_point : forall x, {i | (i < pieces)%nat /\ ~ ~ piece i x}).
  { intro x.
    destruct (least_below (fun i => piece i x)
                (fun i => ClassicalDedekindReals.sig_not_dec (piece i x)) pieces)
      as [found | none]; [exact found | exfalso].
    destruct (cover x) as [i [small here]]; exact (none i small here). }
  exists (fun x => proj1_sig (at_point x)); intro x; exact (proj2_sig (at_point x)).
Qed.

Lemma to_labelling (t : nat) (f : R -> R) : S.sawtooth t f -> D.s_sawtooth f (Z.of_nat t).
Proof.
  intros [pieces [piece [slope [intercept [few [cover [order affine]]]]]]].
  destruct (labelling pieces piece cover) as [label right].
  exists (fun x => (Z.of_nat (label x) + 1)%Z), (fun x => slope (label x)),
    (fun x => intercept (label x)).
  intros x y; destruct (right x) as [small_x in_x], (right y) as [small_y in_y].
  split; [lia | split; [| split]].
  - intro le; destruct (le_lt_dec (label x) (label y)) as [ok | back]; [lia | exfalso].
    apply in_x; intro px; apply in_y; intro py.
    assert (label y < label x < pieces)%nat as span by lia.
    generalize (order _ _ _ _ span py px); lra.
  - intro same; assert (label x = label y) as -> by lia; auto.
  - destruct (Req_EM_T (f x) (slope (label x) * x + intercept (label x))) as [e | ne].
    + exact e.
    + exfalso; apply in_x; intro px; exact (ne (affine _ _ small_x px)).
Qed.

(** A piece of a monotone labelling has a point, or none: the search is by bisection of cases that
    the reals decide, so that no axiom of choice is needed. *)

Lemma search (P : nat -> Prop) (decide : forall n, {P n} + {~ P n}) :
  {n | P n} + {forall n, ~ P n}.
Proof.
  destruct (ClassicalDedekindReals.sig_forall_dec (fun n => ~ P n)
              (fun n => not_dec (decide n))) as [[n found] | none].
  - left; exists n; destruct (decide n) as [p | q]; [exact p | destruct (found q)].
  - right; exact none.
Qed.

Lemma above_some_nat (x : R) : exists n : nat, x <= INR n.
Proof.
  destruct (Rle_lt_dec x 0) as [low | high].
  - exists 0%nat; simpl; exact low.
  - destruct (archimed x) as [above _].
    exists (Z.to_nat (up x)); rewrite INR_IZR_INZ, Z2Nat.id; [lra |].
    apply le_IZR; lra.
Qed.

Lemma representative (label : R -> Z) (monotone : forall x y, x <= y -> (label x <= label y)%Z)
  (i : Z) : {x | label x = i} + {forall x, label x <> i}.
Proof.
  assert (before : forall x y, (label x < label y)%Z -> x < y).
  { intros x y less; destruct (Rlt_le_dec x y) as [ok | back]; [exact ok |].
    generalize (monotone _ _ back); lia. }
  destruct (search (fun n => (label (- INR n)%R < i)%Z) (fun n => Z_lt_dec _ _)) as [[p low] | no_low].
  2: { destruct (search (fun n => label (- INR n) = i) (fun n => Z.eq_dec _ _)) as [[n e] | none].
       - left; exists (- INR n); exact e.
       - right; intros x e; destruct (above_some_nat (- x)) as [n above].
         assert (- INR n <= x) as le by lra.
         generalize (monotone _ _ le) (no_low n) (none n); lia. }
  destruct (search (fun n => (i <= label (INR n))%Z) (fun n => Z_le_dec _ _)) as [[q high] | no_high].
  2: { right; intros x e; destruct (above_some_nat x) as [n above].
       generalize (monotone _ _ above) (no_high n); lia. }
  destruct (completeness (fun x => (label x < i)%Z)) as [c [upper least]].
  { exists (INR q); intros x less; left; apply before; lia. }
  { exists (- INR p); exact low. }
  destruct (Z.eq_dec (label c) i) as [e | ne]; [left; exists c; exact e |].
  destruct (search (fun n => label (c + / INR (S n)) = i) (fun n => Z.eq_dec _ _))
    as [[n e] | none]; [left; exists (c + / INR (S n)); exact e |].
  right; intros x e.
  assert (c <= x) as le.
  { apply least; intros y less; left; apply before; lia. }
  destruct (Req_dec c x) as [-> | other]; [exact (ne e) |].
  assert (0 < x - c) as gap by lra.
  destruct (archimed_cor1 _ gap) as [n [small positive]].
  destruct n as [| n]; [lia |].
  assert (0 < / INR (S n)) as step by (apply Rinv_0_lt_compat, lt_0_INR; lia).
  assert (c + / INR (S n) <= x) as inside by lra.
  generalize (monotone _ _ inside) (none n); intros.
  assert (label (c + / INR (S n))%R < i)%Z as low' by lia.
  generalize (upper _ low'); lra.
Qed.

Lemma from_labelling (t : nat) (f : R -> R) : D.s_sawtooth f (Z.of_nat t) -> S.sawtooth t f.
Proof.
  intros [label [slope [intercept clauses]]].
  assert (monotone : forall x y, x <= y -> (label x <= label y)%Z).
  { intros x y; apply (clauses x y). }
  pose (point := fun i : nat =>
    match representative label monotone (Z.of_nat i + 1) with
    | inleft found => proj1_sig found
    | inright _ => 0
    end).
  exists t, (fun i x => label x = (Z.of_nat i + 1)%Z), (fun i => slope (point i)),
    (fun i => intercept (point i)).
  split; [lia | split; [| split]].
  - intro x; exists (Z.to_nat (label x - 1)).
    destruct (clauses x x) as [range _]; split; lia.
  - intros i j x y span in_x in_y; destruct (Rlt_le_dec x y) as [ok | back]; [exact ok |].
    generalize (monotone _ _ back); lia.
  - intros i x small here; unfold point.
    destruct (representative label monotone (Z.of_nat i + 1)) as [[y there] | none].
    + destruct (clauses x y) as [_ [_ [constant affine]]].
      destruct constant as [slopes intercepts]; [lia |].
      simpl; rewrite <- slopes, <- intercepts; exact affine.
    + destruct (none x here).
Qed.

(** ** Finite sums, powers, networks *)

Lemma total_sum (A : Z -> R) (a : nat -> R) (n : nat) :
  (forall j, A (Z.of_nat j) = a j) -> D.s_total A (Z.of_nat n) = S.sum n a.
Proof.
  intro same; induction n as [| n before]; [apply D.e0_total |].
  rewrite Nat2Z.inj_succ, <- Z.add_1_r, D.e1_total by lia; simpl.
  now rewrite before, same.
Qed.

Lemma power_pow (b : Z) (n : nat) : IZR (D.s_power b (Z.of_nat n)) = IZR b ^ n.
Proof.
  induction n as [| n before]; [now rewrite D.e0_power |].
  rewrite Nat2Z.inj_succ, <- Z.add_1_r, D.e1_power by lia; simpl.
  rewrite mult_IZR, before; ring.
Qed.

Lemma power_nat (b n : nat) : D.s_power (Z.of_nat b) (Z.of_nat n) = Z.of_nat (b ^ n).
Proof.
  induction n as [| n before]; [apply D.e0_power |].
  rewrite (Nat2Z.inj_succ n), <- Z.add_1_r, D.e1_power by lia.
  rewrite before, Nat.pow_succ_r', Nat2Z.inj_mul; ring.
Qed.

Lemma real_power_pow (b : R) (n : nat) : D.s_real_power b (Z.of_nat n) = b ^ n.
Proof.
  induction n as [| n before]; [apply D.e0_real_power |].
  rewrite Nat2Z.inj_succ, <- Z.add_1_r, D.e1_real_power by lia; simpl.
  rewrite before; ring.
Qed.

Definition uniform (m : Z) : Z -> Z := fun i => if Z_le_dec i 0 then 1%Z else m.

Lemma uniform_nat (m i : nat) :
  uniform (Z.of_nat m) (Z.of_nat i) = Z.of_nat (match i with O => 1 | S _ => m end).
Proof. unfold uniform; destruct i, (Z_le_dec _ 0); simpl in *; lia. Qed.

Section Network.
  Variables (act : R -> R) (N : S.network) (m : nat).
  Hypothesis shape : S.has_shape m (S.depth N) N.
  Variables (W : Z -> Z -> Z -> R) (B : Z -> Z -> R) (A : Z -> R).
  Hypothesis weights : forall i u l,
    W (Z.of_nat i) (Z.of_nat u) (Z.of_nat l) = S.weight N i u l.
  Hypothesis biases : forall i u, B (Z.of_nat i) (Z.of_nat u) = S.bias N i u.
  Hypothesis readouts : forall l, A (Z.of_nat l) = S.readout N l.

  Lemma width_uniform (i : nat) : (i <= S.depth N)%nat ->
    uniform (Z.of_nat m) (Z.of_nat i) = Z.of_nat (S.width N i).
  Proof.
    destruct shape as [_ [first others]]; intro le; rewrite uniform_nat.
    destruct i as [| i]; [now rewrite first | now rewrite others by lia].
  Qed.

  Lemma values (i : nat) : (i <= S.depth N)%nat -> forall u x,
    D.s_value W B act (uniform (Z.of_nat m)) (Z.of_nat i) (Z.of_nat u) x
    = S.unit_value act N i u x.
  Proof.
    induction i as [| i before]; intros le u x; [apply D.e0_value |].
    rewrite Nat2Z.inj_succ, <- Z.add_1_r, D.e1_value by lia.
    rewrite width_uniform by lia; cbn [S.unit_value].
    replace (Z.of_nat i + 1)%Z with (Z.of_nat (S i)) by lia.
    rewrite biases; f_equal; f_equal; apply total_sum; intro l.
    rewrite weights, before by lia; reflexivity.
  Qed.

  Lemma outputs (x : R) :
    D.s_output W B act (uniform (Z.of_nat m)) (Z.of_nat (S.depth N)) A (S.offset N) x
    = S.output act N x.
  Proof.
    unfold D.s_output, S.output; rewrite width_uniform by lia; f_equal; apply total_sum; intro l.
    rewrite readouts, values by lia; reflexivity.
  Qed.
End Network.

Lemma to_network (act : R -> R) (m l : nat) (g : R -> R) : (1 <= m)%nat ->
  S.F act m l g -> D.s_network g act (uniform (Z.of_nat m)) (Z.of_nat l).
Proof.
  intros some [N [[depth rest] computes]]; subst l; split.
  - split; [lia | split; [reflexivity |]].
    intros i range; unfold uniform; destruct (Z_le_dec i 0); lia.
  - exists (fun i u l => S.weight N (Z.to_nat i) (Z.to_nat u) (Z.to_nat l)),
      (fun i u => S.bias N (Z.to_nat i) (Z.to_nat u)), (fun l => S.readout N (Z.to_nat l)),
      (S.offset N); intro x; rewrite computes; symmetry; apply outputs.
    + exact (conj eq_refl rest).
    + intros; now rewrite !Nat2Z.id.
    + intros; now rewrite !Nat2Z.id.
    + intros; now rewrite !Nat2Z.id.
Qed.

Lemma from_network (act : R -> R) (m l : nat) (g : R -> R) :
  D.s_network g act (uniform (Z.of_nat m)) (Z.of_nat l) -> S.F act m l g.
Proof.
  intros [_ [W [B [A [offset computes]]]]].
  pose (N := {|
    S.depth := l;
    S.width := fun i => match i with O => 1%nat | S _ => m end;
    S.weight := fun i u l => W (Z.of_nat i) (Z.of_nat u) (Z.of_nat l);
    S.bias := fun i u => B (Z.of_nat i) (Z.of_nat u);
    S.readout := fun l => A (Z.of_nat l);
    S.offset := offset |}).
  assert (shape : S.has_shape m (S.depth N) N).
  { split; [reflexivity | split; [reflexivity |]].
    intros [| i] range; [lia | reflexivity]. }
  exists N; split; [exact shape |].
  intro x; rewrite computes; apply (outputs act N m shape); reflexivity.
Qed.

Lemma relu_is_max (x : R) : D.s_relu x = S.relu x.
Proof.
  unfold D.s_relu, S.relu, Rmax; destruct (Rle_dec 0 x); reflexivity.
Qed.

Lemma same_relu : D.s_relu = S.relu.
Proof. exact (FunctionalExtensionality.functional_extensionality _ _ relu_is_max). Qed.

(** ** Errors *)

Definition grid (k : nat) : Z -> R := fun i => IZR i / IZR (D.s_power 2 (Z.of_nat k)).

Lemma class_classify (v : R) : D.s_classify v = Z.of_nat (S.class v).
Proof. unfold D.s_classify, S.class; destruct (Rle_dec _ _); reflexivity. Qed.

Lemma errors_count (g : R -> R) (k n : nat) :
  D.s_errors (fun x => D.s_classify (g x)) (grid k) (fun i => (i mod 2)%Z) (Z.of_nat n)
  = Z.of_nat (length (filter (S.wrong g) (S.alternating k n))).
Proof.
  induction n as [| n before]; [apply D.e0_errors |].
  rewrite Nat2Z.inj_succ, <- Z.add_1_r, D.e1_errors by lia.
  unfold S.alternating in *; rewrite seq_S, map_app, filter_app, app_length, before, Nat2Z.inj_add.
  f_equal; cbn [map filter Nat.add].
  replace (grid k (Z.of_nat n)) with (INR n / 2 ^ k)
    by (unfold grid; now rewrite INR_IZR_INZ, power_pow).
  replace (Z.of_nat n mod 2)%Z with (Z.of_nat (n mod 2)) by (now rewrite Nat2Z.inj_mod).
  rewrite class_classify; unfold S.wrong; cbn [fst snd].
  destruct (Z.eq_dec _ _) as [e | ne], (Nat.eqb_spec (S.class (g (INR n / 2 ^ k))) (n mod 2));
    cbn [negb length]; lia.
Qed.

Lemma rate_error (g : R -> R) (k n : nat) :
  D.s_rate g (grid k) (fun i => (i mod 2)%Z) (Z.of_nat n) = S.error g (S.alternating k n).
Proof.
  unfold D.s_rate, S.error; rewrite errors_count, !INR_IZR_INZ.
  do 2 f_equal; unfold S.alternating; now rewrite map_length, seq_length.
Qed.

Lemma size (k n : nat) : S.sample_size k n ->
  Z.of_nat n = D.s_power 2 (Z.of_nat k) \/ Z.of_nat n = (D.s_power 2 (Z.of_nat k) + 1)%Z.
Proof.
  change 2%Z with (Z.of_nat 2); rewrite power_nat.
  intros [-> | ->]; [left; reflexivity | right; lia].
Qed.

Lemma perfect (k n : nat) : S.sample_size k n ->
  exists f, S.F S.relu 2 (2 * k) f /\ S.error f (S.alternating k n) = 0.
Proof.
  intro sample.
  destruct (t_deep_is_perfect.t_deep_is_perfect _ _ (Nat2Z.is_nonneg k) (size _ _ sample))
    as [f [deep right]].
  exists f; split.
  - apply from_network; rewrite <- same_relu, Nat2Z.inj_mul; exact deep.
  - rewrite <- rate_error; exact right.
Qed.

(** ** The statements *)

Theorem lemma_2_3_sum : S.lemma_2_3_sum.
Proof.
  intros f g k l F G; apply from_labelling; rewrite Nat2Z.inj_add.
  exact (t_sawtooth_sum.t_sawtooth_sum _ _ _ _ (to_labelling _ _ F) (to_labelling _ _ G)).
Qed.

Theorem lemma_2_3_composition : S.lemma_2_3_composition.
Proof.
  intros f g k l F G; apply from_labelling; rewrite Nat2Z.inj_mul.
  exact (t_sawtooth_compose.t_sawtooth_compose _ _ _ _ (to_labelling _ _ F) (to_labelling _ _ G)).
Qed.

Theorem lemma_2_1 : S.lemma_2_1.
Proof.
  intros act t m l g some A N; apply from_labelling; rewrite <- power_nat, Nat2Z.inj_mul.
  refine (t_network_pieces.t_network_pieces g act _ _ _ (to_network _ _ _ _ some N)
            (to_labelling _ _ A) _); lia.
Qed.

Theorem theorem_1_1 : S.theorem_1_1.
Proof.
  intros k n m l r sample some positive root narrow; split; [exact (perfect k n sample) |].
  intros g N; rewrite <- rate_error.
  apply (to_network _ _ _ _ some) in N; rewrite <- same_relu in N.
  refine (proj2 (t_telgarsky_1'2e'1.t_telgarsky_1'2e'1 _ _ g _ _ r
    (Nat2Z.is_nonneg k) (size _ _ sample) N _ positive _ _)).
  - lia.
  - rewrite real_power_pow, power_pow, root; simpl; field.
  - rewrite <- INR_IZR_INZ; lra.
Qed.

Theorem theorem_1_2 : S.theorem_1_2.
Proof.
  intros act t k n m l sample some A; split; [exact (perfect k n sample) |].
  intros g N; rewrite <- rate_error.
  assert (1 <= Z.of_nat m)%Z as units by lia.
  generalize (proj2 (t_telgarsky_1'2e'2.t_telgarsky_1'2e'2 _ _ g act _ _ _ (Nat2Z.is_nonneg k)
    (size _ _ sample) (to_network _ _ _ _ some N) (to_labelling _ _ A) units)).
  rewrite minus_IZR, mult_IZR, power_pow, mult_IZR, <- !INR_IZR_INZ; exact (fun bound => bound).
Qed.

Theorem depth_separation_sharp : S.depth_separation_sharp.
Proof.
  intros act t k n m l g sample some A N; rewrite <- rate_error.
  generalize (t_depth_separation_sharp.t_depth_separation_sharp _ _ g act _ _ _ (Nat2Z.is_nonneg k)
    (size _ _ sample) (to_network _ _ _ _ some N) (to_labelling _ _ A)).
  rewrite power_pow, plus_IZR, mult_IZR, minus_IZR, <- !INR_IZR_INZ; exact (fun bound => bound).
Qed.
